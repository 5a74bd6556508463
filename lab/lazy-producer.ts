/** A producer that is opened by its first send, and again by the first one after it was closed. */
import type { OutgoingMessage } from '../shared/model/message';
import type { Producer } from '../shared/ports';

export class LazyProducer implements Producer {
  private opening: Promise<Producer> | null = null;

  constructor(private readonly open: () => Promise<Producer>) {}

  /** Rejects as `open` does; the next send tries it again. Sends keep their order. */
  async send(message: OutgoingMessage): Promise<string> {
    this.opening ??= this.open();
    const producer = await this.opened(this.opening);
    return producer.send(message);
  }

  private async opened(opening: Promise<Producer>): Promise<Producer> {
    try {
      return await opening;
    } catch (thrown) {
      if (this.opening === opening) this.opening = null;
      throw thrown;
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    const { opening } = this;
    this.opening = null;
    await (await opening)?.close();
  }
}
