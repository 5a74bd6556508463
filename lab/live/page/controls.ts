/** Controls: the buttons of a live run, or of a replay. Real buttons, so the keyboard and screen readers know them. */
import type { LiveState, PageCommand, PageState, ReplayState } from '../picture/page-state';
import { ConsumerChoice } from './consumer-choice';
import { element, say } from './element';

type Act = (command: PageCommand) => void;

export interface Controls {
  readonly root: HTMLElement;
  show(state: PageState): void;
}

export function controlsFor(mode: PageState['mode'], act: Act): Controls {
  return mode === 'live' ? new LiveControls(act) : new ReplayControls(act);
}

function button(id: string, text: string, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', id }, text);
  /** Not `disabled`: a button that had the focus keeps it, and a screen reader still finds it. */
  made.addEventListener('click', () => {
    if (made.getAttribute('aria-disabled') !== 'true') act();
  });
  return made;
}

function allow(made: HTMLButtonElement, isAllowed: boolean): void {
  made.setAttribute('aria-disabled', String(!isAllowed));
}

class LiveControls implements Controls {
  readonly root: HTMLElement;
  private state: LiveState | null = null;
  private readonly choice = new ConsumerChoice(() => this.update());
  private readonly add: HTMLButtonElement;
  private readonly kill: HTMLButtonElement;
  private readonly remove: HTMLButtonElement;
  private readonly pause: HTMLButtonElement;
  private readonly slow: HTMLButtonElement;
  private readonly finish: HTMLButtonElement;
  private readonly again: HTMLButtonElement;

  constructor(act: Act) {
    const onChosen = (command: (name: string) => PageCommand) => (): void => {
      const { chosen } = this.choice;
      if (chosen !== null) act(command(chosen.name));
    };
    this.add = button('add', 'Add a consumer', () => act({ command: 'add' }));
    this.kill = button(
      'kill',
      'Kill',
      onChosen((consumer) => ({ command: 'kill', consumer })),
    );
    this.remove = button(
      'remove',
      'Remove',
      onChosen((consumer) => ({ command: 'remove', consumer })),
    );
    this.pause = button(
      'pause',
      'Pause',
      onChosen((consumer) => ({ command: this.isHeld ? 'release' : 'pause', consumer })),
    );
    this.slow = button(
      'slow',
      'Make slow',
      onChosen((consumer) => ({ command: this.isSlow ? 'release' : 'slow-down', consumer })),
    );
    this.finish = button('finish', 'Finish the load', () => act({ command: 'finish' }));
    this.again = button('again', 'Run again', () => act({ command: 'again' }));
    const { kill, remove, pause, slow } = this;
    const onConsumer = element('div', { class: 'buttons', role: 'group', 'aria-label': 'The chosen consumer' });
    onConsumer.append(kill, remove, pause, slow);
    this.root = element('div', { class: 'controls' }, this.add, this.choice.root, onConsumer, this.finish, this.again);
  }

  show(state: PageState): void {
    if (state.mode !== 'live') return;
    this.state = state;
    this.choice.show(state.consumers);
    this.update();
  }

  private get isHeld(): boolean {
    return this.choice.chosen?.isPaused === true;
  }

  private get isSlow(): boolean {
    return this.choice.chosen?.isSlow === true;
  }

  private update(): void {
    const isRunning = this.state?.phase === 'running';
    const isAmongOthers = isRunning && (this.state?.consumers.length ?? 0) > 1;
    for (const made of [this.add, this.finish]) allow(made, isRunning);
    for (const made of [this.pause, this.slow]) allow(made, isRunning && this.choice.chosen !== null);
    for (const made of [this.kill, this.remove]) allow(made, isAmongOthers && this.choice.chosen !== null);
    allow(this.again, this.state?.phase === 'over');
    say(this.pause, this.isHeld ? 'Let go on' : 'Pause');
    say(this.slow, this.isSlow ? 'Make quick again' : 'Make slow');
  }
}

class ReplayControls implements Controls {
  readonly root: HTMLElement;
  private state: ReplayState | null = null;
  private readonly play: HTMLButtonElement;
  private readonly forward: readonly HTMLButtonElement[];
  private readonly progress = element('progress', { 'aria-label': 'Records of the history so far' });
  private readonly place = element('output');

  constructor(act: Act) {
    this.play = button('play', 'Play', () => act({ command: this.state?.phase === 'playing' ? 'halt' : 'play' }));
    const step = button('step', 'Step', () => act({ command: 'step' }));
    const nextSwap = button('next-swap', 'To the next swap', () => act({ command: 'next-swap' }));
    this.forward = [this.play, step, nextSwap];
    this.root = element('div', { class: 'controls' }, ...this.forward);
    this.root.append(
      button('rewind', 'Rewind', () => act({ command: 'rewind' })),
      button('slower', 'Slower', () => act({ command: 'slower' })),
      button('faster', 'Faster', () => act({ command: 'faster' })),
      ...[this.progress, this.place],
    );
  }

  show(state: PageState): void {
    if (state.mode !== 'replay') return;
    this.state = state;
    say(this.play, state.phase === 'playing' ? 'Halt' : 'Play');
    for (const made of this.forward) allow(made, state.phase !== 'over');
    this.progress.max = state.recordCount;
    this.progress.value = state.position;
    say(this.place, `record ${state.position} of ${state.recordCount}, ${state.rate} steps a second`);
  }
}
