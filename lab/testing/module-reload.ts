/**
 * Starts a consumer in a fresh copy of its modules, so that `() => import('./my-consumer')` starts another one each time.
 * jest has registries for that. Other runners reload in `start` itself (docs/test-your-consumer.md).
 */

/** As jest gives it to every module that it loads. */
declare const jest: { isolateModulesAsync?(work: () => Promise<void>): Promise<void> } | undefined;

export async function inFreshModules<Result>(work: () => Promise<Result>): Promise<Result> {
  if (typeof jest === 'undefined' || jest.isolateModulesAsync === undefined) return work();
  const results: Result[] = [];
  await jest.isolateModulesAsync(async () => {
    results.push(await work());
  });
  return results[0] as Result;
}
