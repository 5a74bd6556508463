/** A load at a share of what the bare client carries. On the embedded parts. */
import { bareRate } from '../../../lab/load/bare-rate';
import { type LoadFlags, performLoad } from '../../../lab/load/load-session';
import { readLoadInput } from '../../../lab/load/load-settings';

const FLAGS = { broker: 'embedded:', store: 'embedded:', meet: 'load', seed: '7', json: true } as const;
const SMALL = { duration: '0.2', users: '20', slowHandlers: 'off' } as const;

afterEach(() => {
  process.exitCode = 0;
});

async function load(flags: { readonly rate: string; readonly topology?: string }) {
  const [said, printed]: [string[], string[]] = [[], []];
  const terminal = { print: (line: string) => printed.push(line), say: (line: string) => said.push(line) };
  await performLoad({ ...FLAGS, ...SMALL, ...flags } as LoadFlags, { ...terminal, watch: () => () => {} });
  return { said: said.join('\n'), report: JSON.parse(printed.join('\n')) };
}

it.each(['key-shared', 'exclusive'] as const)('is measured with the consumers of the load: %s', async (topology) => {
  const settings = readLoadInput({ rate: '300', duration: '1', topology }, '7');
  expect(await bareRate({ brokerUrl: 'embedded:', adminUrl: null, settings })).toBeGreaterThan(0);
});

it('says so when the broker cannot be had', async () => {
  const settings = readLoadInput({ rate: '10', duration: '1' }, '7');
  const measuring = bareRate({ brokerUrl: 'ftp://nowhere', adminUrl: null, settings });
  await expect(measuring).rejects.toMatchObject({ code: 'UNSUPPORTED_URL' });
});

it('becomes the rate of the load by its share, and both are told', async () => {
  const { said, report } = await load({ rate: '1%' });
  const [, carried, rate] = /the bare client carries (\d+) events\/s here; 1 % of that is (\d+)/.exec(said) ?? [];
  expect(Number(rate)).toBe(Math.max(1, Math.floor(Number(carried) * 0.01)));
  expect(report.rates.asked).toBe(Number(rate));
  expect(report.counts).toMatchObject({ swapped: 0, repeated: 0, lost: 0 });
});

it.each(['0%', '100.5%', '101%', '999%'])('refuses %s before anything is measured', async (rate) => {
  await expect(load({ rate })).rejects.toThrow('--rate as a share is above 0 % and at most 100 %');
});

it('checks everything else before anything is measured', async () => {
  await expect(load({ rate: '50%', topology: 'round' })).rejects.toMatchObject({ code: 'USAGE' });
});
