import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recycle, SliceWriter, varintSize } from './slice-writer.ts';

test('SliceWriter gives what was written, in slices, when an item is longer than one', () => {
  const out = new SliceWriter();
  const long = Buffer.alloc(1_000_000, 'x');
  out.ascii('a');
  out.bytes(long);
  assert.equal(out.full, true);
  out.text('ü€');
  assert.equal(out.take().toString(), `a${long.toString()}ü€`);
  assert.equal(out.full, false);
  out.bytes(long, 0, 3);
  assert.equal(out.take().toString(), 'xxx');
});

test('SliceWriter.varint() takes as many bytes as varintSize() says', () => {
  for (const value of [0, 127, 128, 300, 2 ** 31, 2 ** 40]) {
    const out = new SliceWriter();
    out.varint(value);
    const bytes = out.take();
    assert.equal(bytes.length, varintSize(value));
    assert.equal(
      bytes.reduce((sum, byte, i) => sum + (byte & 0x7f) * 2 ** (7 * i), 0),
      value,
    );
  }
});

test('SliceWriter.take() gives short slices memory of their own size while many large buffers are away', () => {
  const slices = Array.from({ length: 100 }, (_, i) => {
    const out = new SliceWriter();
    out.ascii(`slice ${i}`);
    return out.take();
  });
  for (const [i, slice] of slices.entries()) assert.equal(slice.toString(), `slice ${i}`);
  const held = slices.reduce((sum, slice) => sum + slice.buffer.byteLength, 0);
  assert.ok(held < 33 * 300 * 1024, `${held} bytes are held`);
  for (const slice of slices) recycle(slice);
  const out = new SliceWriter();
  out.ascii('again');
  assert.ok(out.take().buffer.byteLength > 256 * 1024);
});
