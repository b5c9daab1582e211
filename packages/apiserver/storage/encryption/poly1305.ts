const prime = (1n << 130n) - 5n;
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
const tagBits = 128n;
const blockSize = 16;

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);
}

/** The one-time authenticator of RFC 8439, section 2.5. @param key 32 bytes, never used twice */
export function poly1305(key: Uint8Array, message: Uint8Array): Buffer {
  const r = littleEndian(key.subarray(0, 16)) & clamp;
  const s = littleEndian(key.subarray(16, 32));
  let sum = 0n;
  for (let at = 0; at < message.length; at += blockSize) {
    const block = message.subarray(at, at + blockSize);
    // A one after the last byte tells blocks of different lengths apart.
    sum = ((sum + littleEndian(block) + (1n << BigInt(block.length * 8))) * r) % prime;
  }
  const tag = BigInt.asUintN(Number(tagBits), sum + s);
  return Buffer.from(tag.toString(16).padStart(2 * blockSize, '0'), 'hex').reverse();
}
