/** The broker model against a real Pulsar: every script, on both at once. */
import { conformance } from '../../lab/conformance/conformance';
import { conformanceLines, scriptLines } from '../../lab/conformance/report';
import { SCRIPTS } from '../../lab/conformance/scripts';
import { openModel, openPulsar } from '../../lab/conformance/subject';
import { REAL_TEMPO } from '../../lab/conformance/tempo';
import { systemClock } from '../../shared/adapters/system-clock';
import { describePulsar } from '../support/pulsar-broker';

const DEADLINE_MS = 8 * 60_000;

describePulsar('the model', (server) => {
  it(
    'does what the broker does, in every script',
    async () => {
      const options = { namespace: `public/conformance-${process.pid}`, delays: REAL_TEMPO.delays };
      const model = openModel(options, systemClock);
      const broker = await openPulsar(options, { url: server().url, adminUrl: server().adminUrl });
      try {
        const reports = await conformance({
          ...{ scripts: SCRIPTS, model, broker, tempo: REAL_TEMPO, atOnce: 12 },
          ...{ onReport: () => {}, stop: { stopping: false } },
        });
        const disagreeing = reports.filter(({ end }) => end.kind !== 'agrees');
        expect(disagreeing.flatMap(scriptLines)).toEqual([]);
        expect(conformanceLines(reports, SCRIPTS.length).at(-1)).toMatch(
          new RegExp(`^${SCRIPTS.length} of ${SCRIPTS.length} scripts agree`),
        );
      } finally {
        await model.close();
        await broker.close();
      }
    },
    DEADLINE_MS,
  );
});
