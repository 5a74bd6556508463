import fc from 'fast-check';
import { junit, printable, verdictLines } from '../../lab/report';
import type { RunReport } from '../../lab/run';
import type { Verdict } from '../../shared/model/verdict';
import { runOf } from '../support/scenario-run';

describe('the lines of a verdict', () => {
  let verdict: Verdict;
  beforeAll(async () => {
    verdict = (await runOf('crash-before-ack-naive', '1')).verdict;
  });

  it('say first what it is, then roots before consequences, then figures and floors', () => {
    const lines = verdictLines(verdict);
    expect(lines[0]).toBe('INVALID: the claim does not hold (claim order+once)');
    const at = (start: string) => lines.findIndex((line) => line.startsWith(start));
    expect(at('  event applied twice (X2): 1, such as: ')).toBe(1);
    expect(at('    so: read model differs from the log (X18): 1, follows from X2')).toBeGreaterThan(1);
    expect(at('  published 8, delivered ')).toBeGreaterThan(2);
    expect(lines.at(-1)).toMatch(/^ {2}floors: .*\(needs 1\)/);
  });

  it('name every class once', () => {
    const text = verdictLines(verdict).join('\n');
    for (const { id } of verdict.anomalies) expect(text.split(`(${id})`)).toHaveLength(2);
  });

  it('carry no control character, whatever a history holds', () => {
    const reasons = ['\u001b[2Jcleared', 'two\nlines'];
    for (const line of verdictLines({ ...verdict, reasons })) expect(line).not.toMatch(/\p{Cc}/u);
  });
});

describe('a JUnit file', () => {
  let report: RunReport;
  beforeAll(async () => {
    report = (await runOf('crash-before-ack-naive', '1')).report;
  });

  it.each([
    { what: 'as expected', verdict: 'invalid', problems: [], failures: 0, errors: 0, tag: null },
    {
      what: 'broken',
      verdict: 'invalid',
      problems: ['the verdict is invalid'],
      failures: 1,
      errors: 0,
      tag: 'failure',
    },
    {
      what: 'unjudged',
      verdict: 'unknown',
      problems: ['the verdict is unknown'],
      failures: 0,
      errors: 1,
      tag: 'error',
    },
  ] as const)('has one test, $what', ({ verdict, problems, failures, errors, tag }) => {
    const text = junit({ ...report, verdict }, problems, 1_234);
    expect(text).toContain(`tests="1" failures="${failures}" errors="${errors}" time="1.234"`);
    expect(/<(failure|error) message="/.exec(text)?.[1] ?? null).toBe(tag);
    expect(elementsOf(text)).toEqual(['testsuites', 'testsuite', 'testcase', ...(tag === null ? [] : [tag])]);
  });

  it('is well-formed, whatever the texts in it', () => {
    const hard = fc.constantFrom('\uffff', '\ud800', '\u0000', ']]>', '&', '"', '\n');
    const anyText = fc.string({ unit: fc.oneof(hard, fc.string({ unit: 'binary', maxLength: 1 })), maxLength: 20 });
    fc.assert(
      fc.property(anyText, anyText, fc.array(anyText, { maxLength: 3 }), (seed, replay, problems) => {
        const elements = elementsOf(junit({ ...report, seed, replay }, problems, 5));
        expect(elements.slice(0, 3)).toEqual(['testsuites', 'testsuite', 'testcase']);
      }),
    );
  });
});

describe('printable text', () => {
  it('keeps letters of every language and replaces control characters', () => {
    expect(printable('Zoë 名前\u0007\u001b[31m\u009b')).toBe('Zoë 名前??[31m?');
  });
});

/** The elements in document order; throws where tags do not nest or a text holds what XML forbids. */
function elementsOf(xml: string): readonly string[] {
  const names: string[] = [];
  const open: string[] = [];
  const [declaration, ...rest] = xml.split('\n');
  expect(declaration).toBe('<?xml version="1.0" encoding="UTF-8"?>');
  const body = rest.join('\n');
  expect(body).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u);
  const token = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)>|([^<]+)/gy;
  let end = 0;
  for (const match of body.matchAll(token)) {
    const [whole, slash, name, attributes = '', text = ''] = match;
    end = match.index + whole.length;
    expect(`${attributes}${text}`).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
    if (name === undefined) continue;
    if (slash === '/') expect(open.pop()).toBe(name);
    else {
      open.push(name);
      names.push(name);
    }
  }
  expect(end).toBe(body.length);
  expect(open).toEqual([]);
  return names;
}
