import type { Cursor } from './cursor.ts';
import { type Token, token } from './token.ts';
import { type Mark, scannerError } from './yaml-syntax-error.ts';

/** Characters that a tag may have besides word characters. */
const uriCharacters = ";/?:@&=+$,.!~*'()[]%";
/** What may follow an anchor or alias besides a blank. */
const afterAnchor = '?:,]}%@`';
const versionDigits = 2;

/** Scans an anchor or alias, which begins here. */
export function scanAnchor(cursor: Cursor, kind: 'anchor' | 'alias'): Token {
  const start = cursor.mark;
  cursor.skip();
  const name = takeWord(cursor);
  if (name === '' || !(cursor.isBlankOrEnd() || afterAnchor.includes(cursor.char())))
    throw scannerError('did not find expected alphabetic or numeric character', cursor.mark, start);
  return token(kind, start, cursor.mark, { value: name });
}

function takeWord(cursor: Cursor): string {
  let word = '';
  while (cursor.isWord()) {
    word += cursor.take();
    cursor.need(1);
  }
  return word;
}

/** Scans a tag, which begins here: `!<uri>`, `!!name`, `!handle!name`, `!name` or `!`. */
export function scanTag(cursor: Cursor): Token {
  const start = cursor.mark;
  let handle = '';
  let suffix: string;
  if (cursor.char(1) === '<') {
    cursor.skip(2);
    suffix = takeUri(cursor, start, '');
    if (cursor.char() !== '>') throw scannerError("did not find the expected '>'", cursor.mark, start);
    cursor.skip();
  } else {
    handle = takeHandle(cursor, start, false);
    if (handle.length > 1 && handle.endsWith('!')) {
      suffix = takeUri(cursor, start, '');
    } else {
      suffix = takeUri(cursor, start, handle);
      handle = '!';
      if (suffix === '') [handle, suffix] = ['', '!'];
    }
  }
  cursor.need(1);
  if (!cursor.isBlankOrEnd())
    throw scannerError('did not find expected whitespace or line break', cursor.mark, start);
  return token('tag', start, cursor.mark, { value: handle, suffix });
}

function takeHandle(cursor: Cursor, start: Mark, inDirective: boolean): string {
  if (cursor.char() !== '!') throw scannerError("did not find expected '!'", cursor.mark, start);
  let handle = cursor.take() + takeWord(cursor);
  if (cursor.char() === '!') handle += cursor.take();
  else if (inDirective && handle !== '!') throw scannerError("did not find expected '!'", cursor.mark, start);
  return handle;
}

/** @param head a handle that turned out to be the beginning of the name */
function takeUri(cursor: Cursor, start: Mark, head: string): string {
  let uri = head.slice(1);
  let found = head !== '';
  while (cursor.isWord() || (cursor.char() !== '' && uriCharacters.includes(cursor.char()))) {
    uri += cursor.char() === '%' ? takeEscapedCharacter(cursor, start) : cursor.take();
    cursor.need(1);
    found = true;
  }
  if (!found) throw scannerError('did not find expected tag URI', cursor.mark, start);
  return uri;
}

/** The bytes of one character in UTF-8, each written as `%` and two digits. */
function takeEscapedCharacter(cursor: Cursor, start: Mark): string {
  const bytes: number[] = [];
  let size = 1;
  while (bytes.length < size) {
    const digits = cursor.char() === '%' ? cursor.char(1) + cursor.char(2) : '';
    if (!/^[0-9a-fA-F]{2}$/.test(digits))
      throw scannerError('did not find URI escaped octet', cursor.mark, start);
    const byte = Number.parseInt(digits, 16);
    if (bytes.length === 0) {
      size = byte < 0x80 ? 1 : byte >> 5 === 6 ? 2 : byte >> 4 === 14 ? 3 : byte >> 3 === 30 ? 4 : 0;
      if (size === 0) throw scannerError('found an incorrect leading UTF-8 octet', cursor.mark, start);
    } else if (byte >> 6 !== 2) {
      throw scannerError('found an incorrect trailing UTF-8 octet', cursor.mark, start);
    }
    bytes.push(byte);
    cursor.skip(3);
  }
  return Buffer.from(bytes).toString();
}

/** Scans a line that begins with `%`. */
export function scanDirective(cursor: Cursor): Token {
  const start = cursor.mark;
  cursor.skip();
  const name = takeWord(cursor);
  if (name === '') throw scannerError('could not find expected directive name', cursor.mark, start);
  if (!cursor.isBlankOrEnd())
    throw scannerError('found unexpected non-alphabetical character', cursor.mark, start);
  if (name !== 'YAML' && name !== 'TAG')
    throw scannerError('found unknown directive name', cursor.mark, start);
  cursor.skipBlanks();
  const found = name === 'YAML' ? version(cursor, start) : tagPrefix(cursor, start);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!cursor.isBreakOrEnd())
    throw scannerError('did not find expected comment or line break', cursor.mark, start);
  cursor.takeBreak();
  return found;
}

function version(cursor: Cursor, start: Mark): Token {
  const major = versionNumber(cursor, start);
  if (cursor.char() !== '.')
    throw scannerError("did not find expected digit or '.' character", cursor.mark, start);
  cursor.skip();
  const minor = versionNumber(cursor, start);
  return token('version-directive', start, cursor.mark, { value: `${major}.${minor}` });
}

function versionNumber(cursor: Cursor, start: Mark): number {
  let digits = '';
  while (/^\d$/.test(cursor.char())) {
    if (digits.length === versionDigits)
      throw scannerError('found extremely long version number', cursor.mark, start);
    digits += cursor.take();
  }
  if (digits === '') throw scannerError('did not find expected version number', cursor.mark, start);
  return Number(digits);
}

function tagPrefix(cursor: Cursor, start: Mark): Token {
  const handle = takeHandle(cursor, start, true);
  if (!cursor.isBlank()) throw scannerError('did not find expected whitespace', cursor.mark, start);
  cursor.skipBlanks();
  const prefix = takeUri(cursor, start, '');
  if (!cursor.isBlankOrEnd())
    throw scannerError('did not find expected whitespace or line break', cursor.mark, start);
  return token('tag-directive', start, cursor.mark, { value: handle, suffix: prefix });
}
