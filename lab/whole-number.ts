/** Whole numbers on a command line, with the bounds in the sentence that refuses them. */
import { OrderlabError } from '../shared/errors';

/** Throws USAGE for anything but a whole number in min..max, both included. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  const problem = `${option} is a whole number in ${min}..${max}, got ${JSON.stringify(text)}`;
  throw new OrderlabError('USAGE', { problem });
}
