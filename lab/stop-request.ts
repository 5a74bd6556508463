/** Stop request: somebody asks once, somebody else waits for it. */
export class StopRequest {
  readonly whenAsked: Promise<void>;
  private askedFor = false;
  private answer: () => void = () => {};

  constructor() {
    this.whenAsked = new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  get asked(): boolean {
    return this.askedFor;
  }

  ask(): void {
    this.askedFor = true;
    this.answer();
  }
}
