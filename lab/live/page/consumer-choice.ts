/** Consumer choice: which consumer a button is about. A group of radio buttons, so arrow keys go from one to the next. */
import type { PageConsumer } from '../picture/page-state';
import { colourOf, element, say } from './element';

interface Choice {
  readonly root: HTMLElement;
  readonly input: HTMLInputElement;
  readonly text: HTMLElement;
}

export class ConsumerChoice {
  readonly root = element('div', { class: 'choice', role: 'radiogroup', 'aria-label': 'Consumer' }, 'Consumer');
  private readonly choices = new Map<string, Choice>();
  private consumers: readonly PageConsumer[] = [];

  /** `changed`: another one was chosen. */
  constructor(private readonly changed: () => void) {}

  get chosen(): PageConsumer | null {
    return this.consumers.find(({ name }) => this.choices.get(name)?.input.checked === true) ?? null;
  }

  show(consumers: readonly PageConsumer[]): void {
    this.consumers = consumers;
    for (const [name, { root }] of this.choices) {
      if (consumers.some((consumer) => consumer.name === name)) continue;
      root.remove();
      this.choices.delete(name);
    }
    for (const consumer of consumers) this.showOne(consumer);
    const first = this.choices.get(consumers[0]?.name ?? '');
    if (this.chosen === null && first !== undefined) first.input.checked = true;
  }

  private showOne({ name, isPaused, isSlow }: PageConsumer): void {
    const { text } = this.choices.get(name) ?? this.add(name);
    say(text, `${name}${isPaused ? ' (paused)' : ''}${isSlow ? ' (slow)' : ''}`);
  }

  private add(name: string): Choice {
    const input = element('input', { type: 'radio', name: 'consumer', value: name });
    const text = element('span');
    input.addEventListener('change', this.changed);
    const choice = { input, text, root: element('label', { class: colourOf(name) }, input, text) };
    this.choices.set(name, choice);
    this.root.append(choice.root);
    return choice;
  }
}
