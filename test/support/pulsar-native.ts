/**
 * The native client for tests: wherever its addon loads, over whatever Pulsar there is. Elsewhere the tests are skipped
 * by name and the sentence that tells how to get it is printed; ORDERLAB_REQUIRE=native makes that a failure. The title
 * of a skipped test does not name the broker: a required broker is there all the same.
 */
import { loadNativeLibrary } from '../../shared/adapters/pulsar-native-library';
import { causeText } from '../../shared/errors';
import { invariant } from '../../shared/model/invariant';
import { describePulsar } from './pulsar-broker';

const IS_REQUIRED = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('native');

export interface NativeAddresses {
  readonly url: string;
  readonly adminUrl: string;
}

export function describeNative(name: string, register: (addresses: () => NativeAddresses) => void): void {
  const absence = absenceOfLibrary();
  if (absence !== null) {
    describeMissing(name, absence);
    return;
  }
  describePulsar(`native client, ${name}`, (broker) => {
    register(() => {
      const { nativeUrl: url, adminUrl } = broker();
      invariant(url !== null, 'beside ORDERLAB_PULSAR_WS, ORDERLAB_PULSAR_URL tells where pulsar:// is');
      return { url, adminUrl };
    });
  });
}

function absenceOfLibrary(): string | null {
  try {
    loadNativeLibrary();
    return null;
  } catch (thrown) {
    return causeText(thrown);
  }
}

function describeMissing(name: string, absence: string): void {
  const title = `Native client: ${name} (it does not load here)`;
  if (IS_REQUIRED) {
    it(title, () => {
      throw new Error(`ORDERLAB_REQUIRE names native: ${absence}`);
    });
    return;
  }
  process.stderr.write(`${title}: ${absence}\n`);
  it.skip(title, () => {});
}
