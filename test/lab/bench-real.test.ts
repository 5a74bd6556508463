/** `orderlab bench real` on the embedded parts: what it prints, and when it says that nothing was measured. */
import { Command } from 'commander';
import { registerBench } from '../../lab/command-bench';

const VARIABLES = ['ORDERLAB_PULSAR_WS', 'ORDERLAB_PULSAR_URL', 'ORDERLAB_REDIS_URL'];
const environment = { ...process.env };

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name];
});

afterEach(() => {
  process.exitCode = 0;
  process.env = { ...environment };
});

async function printed(...words: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const terminal = { print: (line: string) => lines.push(line), say: () => {}, watch: () => () => {} };
  const program = new Command('orderlab').exitOverride();
  registerBench(program, terminal);
  await program.parseAsync(['bench', 'real', '--events', '100', ...words], { from: 'user' });
  return lines;
}

it('prints each round, those that only warm up too, then min, median and max of rates, costs and ratio', async () => {
  const lines = await printed();
  expect(lines[0]).toBe('embedded:, 100 messages a lap');
  const counted = [1, 2, 3, 4, 5].map((index) => `round ${index}`);
  expect(lines.slice(1, 8).map((line) => line.split(':')[0])).toEqual(['warm-up', 'warm-up', ...counted]);
  expect(lines[8]).toBe('min / median / max of 5 rounds');
  expect(lines[9]).toMatch(/^ {2}bare: \d+ \/ \d+ \/ \d+ events\/s, \d+ \/ \d+ \/ \d+ µs CPU an event$/);
  expect(lines[10]).toMatch(/^ {2}projector: \d+ \/ \d+ \/ \d+ events\/s, \d+ \/ \d+ \/ \d+ µs CPU an event$/);
  expect(lines[11]).toMatch(/^ {2}ratio: \d+\.\d\d \/ \d+\.\d\d \/ \d+\.\d\d$/);
  expect(process.exitCode).toBe(0);
});

it('measures every broker that it is given', async () => {
  const [json = ''] = await printed('--broker', 'embedded:,embedded:', '--json');
  const { brokers } = JSON.parse(json) as { readonly brokers: readonly { readonly broker: string }[] };
  expect(brokers).toMatchObject([
    { broker: 'embedded:', holds: true },
    { broker: 'embedded:', holds: true },
  ]);
});

it('without a --broker takes those that the environment names', async () => {
  process.env.ORDERLAB_PULSAR_WS = 'ftp://nowhere';
  await expect(printed()).rejects.toMatchObject({ code: 'UNSUPPORTED_URL' });
});
