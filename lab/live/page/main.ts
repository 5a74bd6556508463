/** The live page: states in, elements out. */
import type { PageCommand, PageState } from '../picture/page-state';
import { Chart } from './chart';
import { send, watchStates } from './connection';
import { type Controls, controlsFor } from './controls';
import { byId, say } from './element';
import { SidePanel } from './side-panel';

const PHASES: Readonly<Record<PageState['phase'], string>> = {
  waiting: 'Waiting for the first page',
  running: 'Running',
  finishing: 'The load is over: what is in hand is finished',
  over: 'Over',
  playing: 'Playing',
  halted: 'Halted',
};

const panels: SidePanel[] = [];
const chart = new Chart(byId('chart'));
let controls: Controls | null = null;

function show(state: PageState): void {
  controls ??= openControls(state.mode);
  document.body.dataset.phase = state.phase;
  say(byId('mode'), state.mode);
  say(byId('phase'), state.failure === null ? PHASES[state.phase] : `Broken: ${state.failure}`);
  while (panels.length < state.sides.length) openPanel();
  for (const [index, side] of state.sides.entries()) panels[index]?.show(side);
  controls.show(state);
  chart.show(state.sides);
}

function openControls(mode: PageState['mode']): Controls {
  const opened = controlsFor(mode, (command) => void act(command));
  byId('controls').replaceChildren(opened.root);
  return opened;
}

function openPanel(): void {
  const panel = new SidePanel();
  panels.push(panel);
  byId('sides').append(panel.root);
}

async function act(command: PageCommand): Promise<void> {
  say(byId('message'), (await send(command)) ?? '');
}

watchStates(
  (state) => show(state),
  () => say(byId('phase'), 'No connection: orderlab has ended, or does not answer'),
);
