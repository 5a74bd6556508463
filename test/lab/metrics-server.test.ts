/** The port that is scraped. */
import { LOOPBACK, type MetricsServer, serveMetrics } from '../../lab/metrics-server';
import { openMetricSheet } from '../../shared/adapters/prometheus-sheet';

const sheet = openMetricSheet({ topology: 'key-shared', strategy: 'version-next-repair' });
let isReady = true;
let server: MetricsServer;
beforeAll(async () => {
  server = await serveMetrics({ sheet, port: 0, host: LOOPBACK, isReady: () => isReady });
});
afterAll(() => server.close());

it('listens on the loopback address unless told otherwise', () => {
  expect(LOOPBACK).toBe('127.0.0.1');
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

it('answers a scrape with the sheet in the format that Prometheus reads', async () => {
  const answer = await fetch(`${server.url}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await answer.text()).toBe(await sheet.text());
});

it('is healthy while it answers, and ready while the process is at work', async () => {
  const statusOf = async (path: string) => (await fetch(`${server.url}${path}`)).status;
  expect([await statusOf('/healthz'), await statusOf('/readyz')]).toEqual([200, 200]);
  isReady = false;
  expect([await statusOf('/healthz'), await statusOf('/readyz')]).toEqual([200, 503]);
});

it.each(['POST', 'PUT', 'DELETE'])('takes no %s', async (method) => {
  expect((await fetch(`${server.url}/metrics`, { method })).status).toBe(404);
});

it('says so when its port is taken', async () => {
  const port = Number(new URL(server.url).port);
  const second = serveMetrics({ sheet, port, host: LOOPBACK, isReady: () => true });
  await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});
