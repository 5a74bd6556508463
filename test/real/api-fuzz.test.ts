/**
 * Strangers at the API: schemathesis (PyPI) draws requests from /openapi.json, valid ones and others. No answer is a 5xx, and
 * each is one that the description states, with the body that it states.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiBench } from '../support/api-bench';

const PROGRAM = process.env.ORDERLAB_SCHEMATHESIS ?? 'schemathesis';
const HAS_PROGRAM = spawnSync(PROGRAM, ['--version']).status === 0;
const IS_REQUIRED = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('schemathesis');
const HOW_TO_GET_IT = 'pip install schemathesis, or set ORDERLAB_SCHEMATHESIS';
const RUN_DEADLINE_MS = 900_000;
const CASE_COUNT_MIN = 2_000;

const CHECKS = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
  'response_schema_conformance',
];

const title = 'the API gives strangers no 5xx and nothing that its description does not state';
const test = HAS_PROGRAM || IS_REQUIRED ? it : it.skip;

test(
  HAS_PROGRAM ? title : `${title} (there is no schemathesis: ${HOW_TO_GET_IT})`,
  async () => {
    if (!HAS_PROGRAM) throw new Error(`ORDERLAB_REQUIRE names schemathesis: ${HOW_TO_GET_IT}`);
    const bench = await ApiBench.open({ limits: { userRateMax: 1_000_000, principalRateMax: 1_000_000 } });
    const words = ['run', `${bench.url}/openapi.json`, '--url', bench.url, '--seed', '1', '--no-color'];
    /** How many are drawn in all differs by some, since requests are drawn from answers too: 260 gave 1,992 once. */
    const depth = ['--phases', 'coverage,fuzzing', '--max-examples', '320', '--workers', '4', '--continue-on-failure'];
    /** It leaves what it has seen where it runs. */
    const cwd = mkdtempSync(join(tmpdir(), 'orderlab-fuzz-'));
    const child = spawn(PROGRAM, [...words, ...depth, '--checks', CHECKS.join(','), '-H', 'Prefer: wait=0'], { cwd });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const [exitCode] = await once(child, 'close');
    await bench.close();
    rmSync(cwd, { recursive: true, force: true });
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' });
    const caseCount = Number(/(\d+) generated/.exec(said)?.[1] ?? 0);
    expect(caseCount).toBeGreaterThanOrEqual(CASE_COUNT_MIN);
    expect(bench.logged).toEqual([]);
  },
  RUN_DEADLINE_MS,
);
