/**
 * The services of docker-compose.yml as plain processes over a real Pulsar and Redis, scraped by a real Prometheus with
 * the scrape file of the compose project: every panel has data, the first row shows order broken beside order kept, and
 * alerts fire and clear.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ALERTS } from '../../dashboards/boards/alert';
import { BOARDS } from '../../dashboards/boards/written';
import { systemClock } from '../../shared/adapters/system-clock';
import type { UserEvent } from '../../shared/model/event';
import { alertCases } from '../support/alert-case';
import { queriesOf, withWindow } from '../support/board-query';
import { ComposeLab } from '../support/compose-lab';
import { ROOT } from '../support/markdown-page';
import { WINDOW_SECONDS } from '../support/prometheus-server';
import { describePulsar } from '../support/pulsar-broker';
import { describeOwnRedis } from '../support/redis-server';
import { describeTool, PROMETHEUS } from '../support/tool';
import { until } from '../support/until';
import { credits } from '../support/user-event';

/** A condition on a slow machine; each holds within seconds on a quiet one. */
const DEADLINE_MS = 90_000;
/** Every event of the load is applied anew, one call of the store after the other, on a machine with other work. */
const REPAIR_DEADLINE_MS = 300_000;
/** More than can be published within a deadline. */
const LATE_EVENT_COUNT_MAX = 10_000;
jest.setTimeout(REPAIR_DEADLINE_MS + 4 * DEADLINE_MS);

describeTool(PROMETHEUS, 'the files that it reads', () => {
  const promtool = (...words: readonly string[]) => execFileSync('promtool', words, { encoding: 'utf8', cwd: ROOT });

  it('are a configuration and rules that it accepts', () => {
    expect(promtool('check', 'config', 'dashboards/prometheus.yml')).toContain('SUCCESS');
    expect(promtool('check', 'rules', 'dashboards/alerts.yml')).toContain('SUCCESS');
  });

  it('raise each alert when its series goes bad, with its own words, and clear it afterwards', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'orderlab-promtool-'));
    const path = join(folder, 'cases.yml');
    fs.writeFileSync(path, stringify(alertCases(join(ROOT, 'dashboards', 'alerts.yml'))));
    try {
      expect(promtool('test', 'rules', path)).toContain('SUCCESS');
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeTool(PROMETHEUS, 'the compose services, scraped', () => {
  describePulsar('under a load', (broker) => {
    describeOwnRedis('two read models', [], (redis) => {
      let lab: ComposeLab;
      beforeAll(async () => {
        lab = await ComposeLab.open(broker(), redis());
        /** Retries take half a minute before a send is given up: the faults after this one fall into that time. */
        await lab.terminateDoomedTopic();
      });
      afterAll(() => lab.close());

      const reaches = (what: string, holds: () => Promise<boolean>) => until(what, holds, DEADLINE_MS);
      /** At least once: what is over after a moment has been reported all the same. */
      const fires = (alert: string, labels: Readonly<Record<string, string>> = {}) =>
        reaches(`${alert} fires`, async () =>
          (await lab.prometheus.everFired(alert)).some((one) =>
            Object.entries(labels).every(([label, value]) => one[label] === value),
          ),
        );
      const clears = (alert: string) =>
        reaches(`${alert} clears`, async () => (await lab.prometheus.firing(alert)).length === 0);

      it('shows inversions on the Shared side and none on the Key_Shared side of the first row', async () => {
        const effects = (topology: string, order: string) => lab.total('orderlab_effects_total', { topology, order });
        await reaches('both sides have worked', async () => (await effects('key-shared', 'next')) > 300);
        await reaches('the Shared side is out of order', async () => (await effects('shared', 'older')) > 0);
        expect(await effects('key-shared', 'older')).toBe(0);
        expect(await effects('key-shared', 'hole')).toBe(0);
        expect(await effects('key-shared', 'repeated')).toBe(0);
      });

      it('shows results out of order on the derived topic of the Shared side, and overlapping handlers', async () => {
        const results = (topology: string, order: string) => lab.total('orderlab_results_total', { topology, order });
        await reaches('both derived topics are watched', async () => (await results('key-shared', 'next')) > 100);
        await reaches('results are swapped', async () => (await results('shared', 'older')) > 0);
        await reaches('handlers overlap', async () => (await lab.total('orderlab_overlaps_total')) > 0);
      });

      it('takes commands from who has the token, and both sides show what comes of them', async () => {
        const grace = { name: 'Grace', email: 'grace@example.org' };
        expect(await lab.command('/users/grace/create', grace, null)).toBe(401);
        expect(await lab.command('/users/grace/create', grace)).toBe(202);
        for (const side of ['orderlab:shared', 'orderlab:key-shared']) {
          await reaches(`${side} knows of it`, () => lab.knows(side, 'grace'));
        }
        await lab.stopCommandApi();
      });

      const panels = BOARDS.flatMap(({ name, board }) => queriesOf(board).map((query) => [name, query] as const));
      it.each(panels)('%s: `%s` returns data', async (_name, query) => {
        const asked = withWindow(query, WINDOW_SECONDS);
        await reaches(asked, async () => (await lab.prometheus.query(asked)).length > 0);
      });

      it('calls for help about the Shared side only, and Pulsar itself is scraped too', async () => {
        await fires('OrderBroken');
        const broken = await lab.prometheus.everFired('OrderBroken');
        expect(broken.map(({ topology }) => topology)).toEqual(['shared']);
        expect(await lab.prometheus.query('up{job="pulsar"} == 1')).toHaveLength(1);
      });

      it('reports a message that no event can be read from', async () => {
        await lab.publishText('no event');
        await fires('MessageQuarantined');
      });

      it('reports an event that a producer sent twice where it changed the model twice', async () => {
        const [event] = eventsOf('twice', 1);
        await lab.publish(event, event);
        await fires('EffectRepeated', { topology: 'shared' });
        expect((await lab.prometheus.everFired('EffectRepeated')).map(({ topology }) => topology)).toEqual(['shared']);
      });

      it('reports an idempotency key that was gone when its event came again', async () => {
        const [event] = eventsOf('expired', 1);
        await lab.publish(event);
        await reaches('it is applied', () => lab.knows('orderlab:key-shared', event.user));
        await lab.forgetIdempotencyKey('orderlab:key-shared', event);
        await lab.publish(event);
        await fires('MarkersDisagree', { topology: 'key-shared' });
      });

      it('reports a process that was killed until it is there again', async () => {
        await lab.killKeyShared();
        await fires('ProcessGone');
        await lab.startKeyShared();
        await clears('ProcessGone');
      });

      it('reports sends that fail, since somebody has terminated their topic', async () => {
        await fires('SendsFailing');
      });

      it('reports a message that waits for a predecessor in vain, and effects that are late, until both are over', async () => {
        await lab.stopLoads();
        const [first, second] = eventsOf('gap', 2);
        await lab.publish(second);
        await fires('MessageStuck', { topology: 'key-shared' });
        /** One after the other, so that nothing that was left of the load has its effect after the last of them. */
        const late = credits(LATE_EVENT_COUNT_MAX, 1).values();
        await reaches('Lagging fires', async () => {
          if ((await lab.prometheus.firing('Lagging')).some(({ topology }) => topology === 'key-shared')) return true;
          const event = late.next().value;
          if (event !== undefined)
            await lab.publish({ ...event, user: 'late', intendedAt: systemClock.nowMs() - 60_000 });
          return false;
        });
        await lab.publish(first);
        await clears('MessageStuck');
        await clears('Lagging');
      });

      it('reports a store that is gone and came back without its data, and the projector repairs what it can', async () => {
        await redis().kill();
        await lab.publish(...eventsOf('wanted', 1));
        await fires('StoreFailing');
        await redis().start();
        await fires('StoreWentBack');
        await clears('StoreFailing');
        await clears('StoreWentBack');
        const counts = async (name: string, labels: Readonly<Record<string, string>>) =>
          until(name, async () => (await lab.total(name, labels)) > 0, REPAIR_DEADLINE_MS);
        await counts('orderlab_reconnects_total', { to: 'store' });
        /** Users who are quiet, of whom nobody but an auditor would ask again: all of them, from the whole log. */
        await counts('orderlab_audit_repairs_total', { topology: 'key-shared' });
        await reaches('a quiet user is there again', () => lab.knows('orderlab:key-shared', 'expired'));
      });

      it.each([
        ...['OrderBroken', 'EffectRepeated', 'MessageQuarantined', 'MarkersDisagree', 'SendsFailing'],
        ...['StoreFailing', 'StoreWentBack', 'MessageStuck', 'Lagging'],
      ])('has taken %s back once nothing goes wrong any more', clears);

      it('has raised every alert that there is', async () => {
        for (const { name } of ALERTS) expect([name, await lab.prometheus.everFired(name)]).not.toEqual([name, []]);
      });
    });
  });
});

/** Of a user of whom nobody else publishes anything, sequences from 1. */
function eventsOf<Count extends 1 | 2>(user: string, count: Count) {
  const events = credits(count, 1).map((event): UserEvent => ({ ...event, user, id: `${user}-${event.id}` }));
  return events as unknown as Count extends 1 ? readonly [UserEvent] : readonly [UserEvent, UserEvent];
}
