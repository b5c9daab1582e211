/**
 * Node's HTTP/1.1 module. An `import` of it reads every export, and some of those load a whole second HTTP client:
 * that takes 25 ms of each process's start.
 */
export const nodeHttp: typeof import('node:http') = process.getBuiltinModule('node:http');
