/** Bodies: JSON of bounded depth, read without the keys that reach into prototypes. */
import type { FastifyInstance } from 'fastify';
import { OrderlabError } from '../../shared/errors';
import { API_DEPTH_MAX } from './api-limits';

/** Nothing but application/json is read; what is nested too deeply is refused before anything walks through it. */
export function takeJsonOnly(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (depthOf(body) > API_DEPTH_MAX) {
      done(new OrderlabError('REQUEST_INVALID', { problem: `a body nests at most ${API_DEPTH_MAX} deep` }));
      return;
    }
    void parse(request, body, done);
  });
}

/** How deep brackets nest outside of texts. One pass, no recursion. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let isInText = false;
  for (let index = 0; index < json.length; index += 1) {
    const sign = json[index];
    if (isInText) {
      if (sign === '\\') index += 1;
      else if (sign === '"') isInText = false;
    } else if (sign === '"') isInText = true;
    else if (sign === '{' || sign === '[') deepest = Math.max(deepest, ++depth);
    else if (sign === '}' || sign === ']') depth -= 1;
  }
  return deepest;
}
