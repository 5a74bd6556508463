/**
 * Decompression without threads, for runs in virtual time.
 *
 * Node inflates in its thread pool and lists nothing of it among the active resources, so a clock that jumps when nothing
 * runs would jump over a trace that is still being inflated. Inflating in the caller's turn leaves nothing to miss.
 */
import type { TransformCallback } from 'node:stream';
import zlib from 'node:zlib';

/** What a gunzip stream does with a chunk and at the end; own properties of its class win over what it inherits. */
interface GunzipMethods {
  _transform?(chunk: Buffer, encoding: string, done: TransformCallback): void;
  _flush?(done: TransformCallback): void;
}

interface GunzipClass {
  readonly prototype: GunzipMethods;
}

const { prototype } = (zlib as unknown as { readonly Gunzip: GunzipClass }).Gunzip;
const chunksOf = new WeakMap<object, Buffer[]>();

/** Gunzip streams inflate whole, in the turn in which their input ends, until the answer is called. */
export function inflateAtOnce(): () => void {
  prototype._transform = function (this: object, chunk, _encoding, done) {
    const chunks = chunksOf.get(this) ?? [];
    chunksOf.set(this, chunks);
    chunks.push(Buffer.from(chunk));
    done();
  };
  prototype._flush = function (this: object, done) {
    try {
      done(null, zlib.gunzipSync(Buffer.concat(chunksOf.get(this) ?? [])));
    } catch (thrown) {
      done(thrown as Error);
    }
  };
  return () => {
    delete prototype._transform;
    delete prototype._flush;
  };
}
