/** Connection to the server of the page: states come as they happen, commands go one by one. */
import type { PageCommand, PageState } from '../picture/page-state';

/** `lost` is told when states stop to come; the browser asks again by itself. */
export function watchStates(told: (state: PageState) => void, lost: () => void): void {
  const source = new EventSource('/states');
  source.onmessage = ({ data }) => told(JSON.parse(data) as PageState);
  source.onerror = lost;
}

/** Resolves with what the server has against it; null: nothing. */
export async function send(command: PageCommand): Promise<string | null> {
  const token = document.querySelector('meta[name="orderlab-token"]')?.getAttribute('content') ?? '';
  try {
    const answer = await fetch('/commands', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(command),
    });
    return answer.ok ? null : String((await answer.json()).detail);
  } catch {
    return 'the server does not answer: is orderlab still running?';
  }
}
