/** The polynomial of gzip's CRC-32, reflected. */
const polynomial = 0xedb88320;

/** a * b modulo the polynomial, bits reflected: bit 31 is x^0. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor;
    factor = (factor & 1) !== 0 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return product;
}

/** x^(2^n) for n from 0. */
const powers: number[] = [0x40000000];
while (powers.length < 32) {
  const last = powers.at(-1) as number;
  powers.push(multiply(last, last));
}

/** What so many bytes that follow do to the CRC of those before: x^(8 * length). */
export function crcShift(length: number): number {
  let shift = 0x80000000;
  // 8 is 2^3
  for (let n = 3, rest = length; rest > 0; n++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(powers[n % 32] as number, shift);
  }
  return shift;
}

/** The CRC of two texts after each other, from the CRC of each and the shift of the second. */
export function combineCrc(first: number, second: number, shift: number): number {
  return (multiply(shift, first) ^ second) >>> 0;
}
