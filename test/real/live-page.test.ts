/** The live page in a browser: what it shows, what its buttons do, and that it can be used without a mouse or colours. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { LiveCommand } from '../support/live-command';
import { CHROMIUM, describeTool } from '../support/tool';
import { temporaryFolder } from '../support/virtual-run';

/** Every wait is for a condition; this is when it is given up, on a slow machine under load. */
const DEADLINE_MS = 90_000;
const FOREIGN_NAME = 'attacker.example';
/** Longer than any test: each ends the load itself. */
const LIVE = ['demo', '--live', '--seed', '7', '--rate', '3', '--duration', '3000'];

jest.setTimeout(300_000);

describeTool(CHROMIUM, 'the live page', () => {
  let browser: Browser;
  const folder = temporaryFolder();
  beforeAll(async () => {
    browser = await openBrowser(FOREIGN_NAME);
  });
  afterAll(() => browser?.close());

  /** What a test has opened goes with it, also when it fails. */
  const open = new Set<LiveCommand>();
  afterEach(async () => {
    for (const command of open) await command.end();
    open.clear();
  });

  /** A page with the command behind it; what the browser complains of is kept. */
  async function opened(words: readonly string[], options: BrowserContextOptions = {}) {
    const command = await LiveCommand.start(words, folder);
    open.add(command);
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
    context.setDefaultTimeout(DEADLINE_MS);
    const page = await context.newPage();
    const complaints: string[] = [];
    const hosts = new Set<string>();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(command.url);
    return { page, command, complaints, hosts };
  }

  const side = (page: Page, type: 'shared' | 'key-shared'): Locator => page.locator(`.side[data-type="${type}"]`);
  const numbers = (of: Locator, user: string): Locator => of.locator(`.lane[data-user="${user}"] .token b`);
  const badge = (of: Locator): Locator => of.locator('.badge');

  /** Waits until the locator has so many elements, and gives the text of the first ones. */
  async function firstTexts(of: Locator, count: number): Promise<readonly string[]> {
    await of.nth(count - 1).waitFor();
    return (await of.allTextContents()).slice(0, count);
  }

  async function figure(of: Locator, name: string): Promise<number> {
    return Number(await of.locator(`.figure.${name} dd`).textContent());
  }

  it('shows 2, 1, 4, 3 on Shared, and a paused consumer that is killed leads to a valid verdict on Key_Shared', async () => {
    const { page, complaints, hosts, command } = await opened(LIVE);
    const [shared, keyShared] = [side(page, 'shared'), side(page, 'key-shared')];
    expect(await firstTexts(numbers(shared, 'ada'), 4)).toEqual(['2', '1', '4', '3']);
    expect(await firstTexts(numbers(keyShared, 'ada'), 4)).toEqual(['1', '2', '3', '4']);
    expect(await shared.locator('.lane[data-user="ada"] .token.swapped b').allTextContents()).toEqual(
      expect.arrayContaining(['1', '3']),
    );
    await page.getByRole('radio', { name: 'c1' }).check();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('radio', { name: 'c1 (paused)' }).waitFor();
    /** What a paused consumer holds it holds for good, and its death gives it to others. */
    const held = keyShared.locator('.node.colour-1 .node-held');
    await held.filter({ hasText: /holds ([3-9]|\d\d)/ }).waitFor();
    await page.getByRole('button', { name: 'Kill' }).click();
    await keyShared.locator('.note', { hasText: 'c1 is killed; of what it held' }).waitFor();
    await page.getByRole('radio', { name: 'c1' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Add a consumer' }).click();
    await page.getByRole('radio', { name: 'c3' }).waitFor();
    /** Of the seven users the last to be published: of all others something was published before. */
    for (const each of [shared, keyShared]) await numbers(each, 'gus').first().waitFor();
    await page.getByRole('button', { name: 'Finish the load' }).click();
    await badge(keyShared).filter({ hasText: '✓ valid' }).waitFor();
    await badge(shared).filter({ hasText: '✗ invalid' }).waitFor();
    const users = ['ada', 'bob', 'cleo', 'dan', 'eva', 'finn', 'gus'];
    for (const each of [shared, keyShared]) expect(await each.locator('.lane-user').allTextContents()).toEqual(users);
    expect(await figure(keyShared, 'redelivered')).toBeGreaterThanOrEqual(3);
    expect(await figure(keyShared, 'swapped')).toBe(0);
    expect(await figure(keyShared, 'applied')).toBe(await figure(keyShared, 'published'));
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(command.url).origin]);
    const { exitCode, stdout } = await command.end();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Key_Shared, version-next-repair: valid; runs/');
  });

  it('is used by the keyboard alone, and tells by words what it tells by colour', async () => {
    const { page, command } = await opened(LIVE);
    const { keyboard } = page;
    await page.getByRole('radio', { name: 'c2' }).waitFor();
    await firstTexts(numbers(side(page, 'shared'), 'ada'), 2);
    const tabTo = async (selector: string): Promise<void> => {
      for (let press = 0; press < 30; press += 1) {
        if (await page.locator(`${selector}:focus-visible`).count()) return;
        await keyboard.press('Tab');
      }
      throw new Error(`thirty times Tab do not lead to ${selector}`);
    };
    await tabTo('#add');
    await keyboard.press('Enter');
    await page.getByRole('radio', { name: 'c3' }).waitFor();
    await tabTo('input[name="consumer"]');
    await keyboard.press('ArrowRight');
    await page.locator('input[value="c2"]:checked').waitFor();
    await tabTo('#pause');
    await keyboard.press('Space');
    await page.getByRole('radio', { name: 'c2 (paused)' }).waitFor();
    await page.getByRole('button', { name: 'Let go on' }).waitFor();
    await keyboard.press('Space');
    await page.getByRole('radio', { name: 'c2', exact: true }).waitFor();
    await tabTo('#kill');
    await keyboard.press('Enter');
    await page.getByRole('radio', { name: 'c2' }).waitFor({ state: 'detached' });
    for (const type of ['shared', 'key-shared'] as const)
      await side(page, type).locator('.note', { hasText: 'c2 is killed' }).waitFor();
    const token = side(page, 'shared').locator('.lane[data-user="ada"] .token.swapped').first();
    expect(await token.getAttribute('title')).toMatch(/^event 1 by c\d, after a later one$/);
    expect(await token.locator('small').textContent()).toMatch(/^c\d$/);
    await tabTo('#finish');
    await keyboard.press('Enter');
    await page.getByText('Over', { exact: true }).waitFor();
    await tabTo('#again');
    await keyboard.press('Enter');
    await page.getByText('Running', { exact: true }).waitFor();
    expect(await firstTexts(numbers(side(page, 'shared'), 'ada'), 4)).toEqual(['2', '1', '4', '3']);
    expect((await command.end()).exitCode).toBe(0);
  });

  it('looks another way in the dark, and moves nothing for who does not want it', async () => {
    const papers: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await opened(LIVE, { colorScheme, reducedMotion: 'reduce' });
      await firstTexts(numbers(side(page, 'shared'), 'ada'), 4);
      papers.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      expect(await page.evaluate("getComputedStyle(document.querySelector('.token')).animationName")).toBe('none');
      await page.screenshot({ path: join(folder, `${colorScheme}.png`), fullPage: true });
    }
    expect(new Set(papers).size).toBe(2);
  });

  it('replays a run folder: to the next swap, step by step, from the beginning, and to its verdict', async () => {
    const runs = join(folder, 'runs');
    const run = readdirSync(runs).find((name) => name.includes('live-shared'));
    expect(run).toBeDefined();
    const { page, complaints, command } = await opened(['explain', '--live', join(runs, run ?? ''), '--rate', '1000']);
    const shared = side(page, 'shared');
    const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
    await press('To the next swap');
    expect(await firstTexts(numbers(shared, 'ada'), 2)).toEqual(['2', '1']);
    await press('To the next swap');
    await shared.locator('.figure.swapped dd', { hasText: /^2$/ }).waitFor();
    await press('Rewind');
    await numbers(shared, 'ada').first().waitFor({ state: 'detached' });
    await press('Step');
    await shared.locator('.node-held', { hasText: 'holds 1' }).waitFor();
    await press('Play');
    await badge(shared)
      .filter({ hasText: /valid|unknown/ })
      .waitFor();
    await page.getByText('Over', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    expect((await command.end()).exitCode).toBe(0);
  });

  it('shows nothing to a site that lets its own name lead here', async () => {
    const { page, command } = await opened(LIVE);
    const foreign = command.url.replace('127.0.0.1', FOREIGN_NAME);
    const answer = await page.goto(foreign);
    expect([answer?.status(), await page.content()]).toEqual([403, expect.stringContaining('FOREIGN_REQUEST')]);
    const states: number = await page.evaluate("fetch('/states').then(({ status }) => status)");
    expect(states).toBe(403);
  });
});
