/** The end of what the native client opened: it has a deadline of its own, since the client promises none. */

/** More than the client waits for an answer of the broker, which is what it was opened with (NATIVE_DEADLINES.openMs). */
export const CLOSE_DEADLINE_MS = 15_000;

/** Resolves when the work has settled, however, or when it took CLOSE_DEADLINE_MS; true: it has settled. */
export async function settledInTime(work: Promise<unknown>, deadlineMs = CLOSE_DEADLINE_MS): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, late]);
  clearTimeout(timer);
  return isSettled;
}
