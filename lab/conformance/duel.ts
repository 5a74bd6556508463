/** Duel: one script on the model and on a broker, side by side, compared after every operation. */
import { causeText } from '../../shared/errors';
import { type Difference, differencesOf, type Facts } from './facts';
import { reasonFor } from './known-differences';
import { Player } from './player';
import { recordingText } from './recording';
import { type Operation, operationText, type Script } from './script';
import type { Subject } from './subject';
import type { Tempo } from './tempo';

/** A difference that is listed, with its reason. */
export interface ExcusedDifference extends Difference {
  readonly after: string;
  readonly reason: string;
}

/** How a script ended. After a difference that is not listed it goes no further: what follows would follow from it. */
export type ScriptEnd =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly after: string; readonly differences: readonly Difference[] }
  | { readonly kind: 'failed'; readonly after: string; readonly problem: string };

export interface ScriptReport {
  readonly script: string;
  readonly intent: string;
  readonly end: ScriptEnd;
  /** Texts that were compared, over all operations. */
  readonly comparedCount: number;
  readonly excused: readonly ExcusedDifference[];
  /** What the broker showed, as a recording; null unless the two agree. */
  readonly recording: string | null;
  readonly tookMs: number;
}

export async function playDuel(script: Script, model: Subject, broker: Subject, tempo: Tempo): Promise<ScriptReport> {
  const startedAtMs = performance.now();
  const duel = new Duel(script, model, broker, tempo);
  const end = await duel.run();
  const { name, intent } = script;
  const { comparedCount, excused, brokerFacts } = duel;
  const recording = end.kind === 'agrees' ? recordingText(script, brokerFacts) : null;
  return {
    script: name,
    intent,
    end,
    comparedCount,
    excused,
    recording,
    tookMs: Math.round(performance.now() - startedAtMs),
  };
}

class Duel {
  comparedCount = 0;
  readonly excused: ExcusedDifference[] = [];
  /** After each operation. */
  readonly brokerFacts: Facts[] = [];
  readonly #script: Script;
  readonly #tempo: Tempo;
  readonly #model: Player;
  readonly #broker: Player;
  #after = 'opening';

  constructor(script: Script, model: Subject, broker: Subject, tempo: Tempo) {
    this.#script = script;
    this.#tempo = tempo;
    this.#model = new Player(model, script, tempo);
    this.#broker = new Player(broker, script, tempo);
  }

  async run(): Promise<ScriptEnd> {
    try {
      await this.#both((player) => player.open());
      for (const [index, operation] of this.#script.operations.entries()) {
        this.#after = `${index + 1}. ${operationText(operation)}`;
        const differences = await this.#compareAfter(operation);
        if (differences.length > 0) return { kind: 'differs', after: this.#after, differences };
      }
      return { kind: 'agrees' };
    } catch (thrown) {
      return { kind: 'failed', after: this.#after, problem: causeText(thrown) };
    } finally {
      await this.#both((player) => player.close()).catch(() => {});
    }
  }

  #both<T>(act: (player: Player) => Promise<T>): Promise<[T, T]> {
    return Promise.all([act(this.#model), act(this.#broker)]);
  }

  /** Differences that are not listed. */
  async #compareAfter(operation: Operation): Promise<readonly Difference[]> {
    let [model, broker] = await this.#both((player) => player.play(operation));
    const { clock, pollMs } = this.#tempo;
    const believedAtMs = clock.nowMs() + this.#tempo.patienceMs;
    while (this.#unexcused(model, broker).length > 0 && clock.nowMs() < believedAtMs) {
      await clock.sleep(pollMs);
      [model, broker] = await this.#both((player) => player.lookAgain());
    }
    this.comparedCount += model.size;
    this.brokerFacts.push(broker);
    for (const difference of differencesOf(model, broker)) {
      const reason = reasonFor(this.#script.name, difference.fact);
      if (reason !== null) this.excused.push({ ...difference, after: this.#after, reason });
    }
    return this.#unexcused(model, broker);
  }

  #unexcused(model: Facts, broker: Facts): readonly Difference[] {
    return differencesOf(model, broker).filter(({ fact }) => reasonFor(this.#script.name, fact) === null);
  }
}
