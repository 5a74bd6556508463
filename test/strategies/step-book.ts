/** Steps of a strategy, each kept once: equal steps are one object, and a step that was answered before is looked up. */
import type { Answer } from '../../shared/model/action';
import type { EventDelivery, Step, Strategy, StrategySettings } from '../../shared/model/strategy';

export class StepBook {
  private readonly steps = new Map<string, Step>();
  private readonly numbers = new Map<Step, number>();
  private readonly answered = new Map<string, Step>();

  constructor(
    private readonly strategy: Strategy,
    private readonly settings: StrategySettings,
  ) {}

  start(delivery: EventDelivery): Step {
    return this.lookUp(`start ${delivery.event.id}`, () => this.strategy.start(delivery, this.settings));
  }

  next(step: Step, answer: Answer): Step {
    const question = `${this.numberOf(step)} ${JSON.stringify(answer)}`;
    return this.lookUp(question, () => this.strategy.next(step.state, answer));
  }

  /** Equal for equal steps. */
  numberOf(step: Step): number {
    return this.numbers.get(step) ?? -1;
  }

  private lookUp(question: string, ask: () => Step): Step {
    const known = this.answered.get(question);
    if (known !== undefined) return known;
    const step = this.keep(ask());
    this.answered.set(question, step);
    return step;
  }

  private keep(step: Step): Step {
    const text = JSON.stringify(step);
    const kept = this.steps.get(text) ?? step;
    this.steps.set(text, kept);
    if (!this.numbers.has(kept)) this.numbers.set(kept, this.numbers.size);
    return kept;
  }
}
