/**
 * Work that is done before others get their turn, in bytes of objects that are parsed: 256 KB take some 2 ms. What
 * costs other work counts as so many bytes as take as long.
 */
export const workAtOnce = 256 * 1024;
