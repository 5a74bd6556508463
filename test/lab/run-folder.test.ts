/** Run folders: whose name they bear, and what becomes of two runs that want one. */
import { join } from 'node:path';
import { createRunFolder, runFolderName } from '../../lab/run-folder';
import { temporaryFolder } from '../support/virtual-run';

const pathIn = (folder: string) => join(folder, runFolderName(1_795_567_000_000, 'projector', '7'));

it('two runs of one seed within one second have folders of their own, numbered from the second on', () => {
  const wanted = pathIn(temporaryFolder());
  const paths = [1, 2, 3].map(() => createRunFolder(wanted, 'number').path);
  expect(paths).toEqual([wanted, `${wanted}-2`, `${wanted}-3`]);
});

it('a folder that somebody named and another run has is refused, and an empty one is taken', () => {
  const named = pathIn(temporaryFolder());
  createRunFolder(named);
  expect(() => createRunFolder(named)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  const empty = temporaryFolder();
  expect(createRunFolder(empty).path).toBe(empty);
});
