/** ValidateNonResourceURLPath: what keeps a text from being a path, or a prefix that ends in `/*`. */
export function nonResourcePathProblem(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const wildcards = path.split('*').length - 1;
  if (wildcards > 1 || (wildcards === 1 && !path.endsWith('/*')))
    return 'wildcard can only do suffix matching';
  return undefined;
}
