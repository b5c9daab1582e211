/** What books are numbered by may be written with spaces and dashes. */
const plain = (value: string): string => value.replaceAll(/[\s-]+/g, '');
const digit = (char: string): number => char.charCodeAt(0) - 48;

/** Whether a text is an ISBN of ten digits, the last of which may be X. */
export function isIsbn10(value: string): boolean {
  const digits = plain(value);
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce((all, char, i) => all + (i + 1) * (char === 'X' ? 10 : digit(char)), 0);
  return sum % 11 === 0;
}

/** Whether a text is an ISBN of thirteen digits. */
export function isIsbn13(value: string): boolean {
  const digits = plain(value);
  if (!/^\d{13}$/.test(digits)) return false;
  return [...digits].reduce((all, char, i) => all + (i % 2 === 0 ? 1 : 3) * digit(char), 0) % 10 === 0;
}

/** The first digits and lengths of the numbers that issuers of cards use. */
const issuers =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}|6[27]\d{14})$/;

/** Whether a text is the number of a card, by issuer and by Luhn's formula. */
export function isCreditCard(value: string): boolean {
  const digits = value.replaceAll(/\D+/g, '');
  if (!issuers.test(digits)) return false;
  const sum = [...digits].reverse().reduce((all, char, i) => {
    const one = digit(char) * (i % 2 === 0 ? 1 : 2);
    return all + (one > 9 ? one - 9 : one);
  }, 0);
  return sum % 10 === 0;
}
