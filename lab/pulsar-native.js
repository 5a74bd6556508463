/**
 * npm run pulsar:native: gets the addon of `pulsar-client` onto this machine, since install scripts are off here.
 *
 * Plain JavaScript over what npm brings: the package's own install step downloads the addon or else compiles it; where
 * that fails, a sentence says what it needs. CXXFLAGS and LDFLAGS reach the compiler.
 */
'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const ROOT = path.dirname(__dirname);
const ARGUMENTS = ['rebuild', 'pulsar-client', '--ignore-scripts=false', '--foreground-scripts'];
const PROBE = `try { require('pulsar-client') } catch (error) { console.error(String(error)); process.exit(1) }`;

const NEEDS = `pulsar-client has no addon on this machine. It is downloaded from archive.apache.org, or else compiled, which needs:
  g++, make and Python 3, and the headers of Node (npm config set nodedir, where they cannot be downloaded);
  the headers pulsar/c/*.h and the library libpulsar of Pulsar's C++ client, 4.2.0 or later; in a folder of their own:
  CXXFLAGS=-I/FOLDER/include LDFLAGS='-L/FOLDER/lib -Wl,-rpath,/FOLDER/lib' npm run pulsar:native
Without it everything but pulsar:// works: --broker ws://HOST:8080 speaks to the same broker.
`;

/** npm itself is not on every PATH; the one that runs this script is known. */
const npm = process.env.npm_execpath;
const [command, args] = npm === undefined ? ['npm', ARGUMENTS] : [process.execPath, [npm, ...ARGUMENTS]];
const isRebuilt = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status === 0;
/** A process of its own: an addon that was built against another library ends it. */
const isLoadable =
  isRebuilt && spawnSync(process.execPath, ['-e', PROBE], { cwd: ROOT, stdio: 'inherit' }).status === 0;
process.stderr.write(isLoadable ? 'pulsar-client has its addon: pulsar:// works\n' : NEEDS);
process.exitCode = isLoadable ? 0 : 1;
