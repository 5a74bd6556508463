/**
 * Programs of the machine for tests: where one is missing its tests are skipped by name, with how to get it.
 * ORDERLAB_REQUIRE with the program's name makes that a failure.
 */
import { spawnSync } from 'node:child_process';

export interface Tool {
  /** As it is typed, and as ORDERLAB_REQUIRE names it. */
  readonly name: string;
  readonly howToGetIt: string;
}

export const PROMETHEUS: Tool = { name: 'prometheus', howToGetIt: 'apt-get install prometheus' };
export const COMPOSE: Tool = { name: 'docker-compose', howToGetIt: 'apt-get install docker-compose' };

export const CHROMIUM: Tool = { name: 'chromium', howToGetIt: 'apt-get install chromium' };

export function describeTool(tool: Tool, name: string, register: () => void): void {
  const { name: program, howToGetIt } = tool;
  if (spawnSync(program, ['--version']).status === 0) {
    describe(`${program}: ${name}`, register);
    return;
  }
  const title = `${program}: ${name} (it is not there: ${howToGetIt})`;
  const isRequired = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes(program);
  if (isRequired) {
    it(title, () => {
      throw new Error(`ORDERLAB_REQUIRE names ${program}: ${howToGetIt}`);
    });
  } else it.skip(title, () => {});
}
