import type { Expression } from '@coxswain/cel';
import {
  domainPrefixedPathFaults,
  duplicate,
  type FieldError,
  type FieldPath,
  invalid,
  required,
} from '@coxswain/machinery';
import { compile, type ValidationRule } from './claim-expressions.ts';
import type { JwtConfig, PrefixedClaim } from './configuration.ts';
import { usesClaim } from './uses-claim.ts';

/** The expressions of one authenticator; absent where claims are named instead. */
export interface ClaimExpressions {
  readonly username: Expression | undefined;
  readonly groups: Expression | undefined;
  readonly uid: Expression | undefined;
  readonly extra: readonly { readonly key: string; readonly expression: Expression }[];
  readonly claimRules: readonly ValidationRule[];
  readonly userRules: readonly ValidationRule[];
}

const bothSet = "claim and expression can't both be set";
const emailUnverified =
  'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';

/** Compiles what an authenticator's configuration says about claims; faults go to `errors`, in upstream's texts. */
export function compileClaims(config: JwtConfig, path: FieldPath, errors: FieldError[]): ClaimExpressions {
  const { username, groups, uid = {}, extra = [] } = config.claimMappings;
  const claimRules = compileClaimRules(
    config.claimValidationRules ?? [],
    path.child('claimValidationRules'),
    errors,
  );
  const at = path.child('claimMappings');
  const made = {
    username: compilePrefixed(username, at.child('username'), true, errors),
    groups: compilePrefixed(groups ?? {}, at.child('groups'), false, errors),
    uid: compileUid(uid, at.child('uid'), errors),
    extra: compileExtra(extra, at.child('extra'), errors),
    claimRules,
  };
  const verifying = [
    ...made.extra.map(({ expression }) => expression),
    ...claimRules.map(({ expression }) => expression),
  ];
  if (made.username !== undefined && usesClaim(made.username.tree, 'email')) {
    if (![made.username, ...verifying].some(({ tree }) => usesClaim(tree, 'email_verified'))) {
      errors.push(invalid(at.child('username', 'expression'), username.expression, emailUnverified));
    }
  }
  const userRules = compileUserRules(
    config.userValidationRules ?? [],
    path.child('userValidationRules'),
    errors,
  );
  return { ...made, userRules };
}

function compileOne(
  source: string,
  about: 'claims' | 'user',
  kinds: Parameters<typeof compile>[2],
  path: FieldPath,
  errors: FieldError[],
): Expression | undefined {
  const compiled = compile(source, about, kinds);
  if ('expression' in compiled) return compiled.expression;
  errors.push(invalid(path, source, compiled.fault));
  return undefined;
}

function compileClaimRules(
  rules: NonNullable<JwtConfig['claimValidationRules']>,
  path: FieldPath,
  errors: FieldError[],
): ValidationRule[] {
  const made: ValidationRule[] = [];
  const [claims, expressions] = [new Set<string>(), new Set<string>()];
  rules.forEach(({ claim = '', requiredValue = '', expression: source = '', message = '' }, i) => {
    const at = path.index(i);
    if (claim !== '' && source !== '') errors.push(invalid(at, claim, bothSet));
    else if (claim === '' && source === '') errors.push(required(at, 'claim or expression is required'));
    else if (claim !== '') {
      if (message !== '')
        errors.push(invalid(at.child('message'), message, 'may not be specified when claim is set'));
      if (claims.has(claim)) errors.push(duplicate(at.child('claim'), claim));
      claims.add(claim);
    } else {
      if (requiredValue !== '') {
        errors.push(
          invalid(at.child('requiredValue'), requiredValue, 'may not be specified when expression is set'),
        );
      }
      if (expressions.has(source)) {
        errors.push(duplicate(at.child('expression'), source));
        return;
      }
      expressions.add(source);
      const expression = compileOne(source, 'claims', ['bool'], at.child('expression'), errors);
      if (expression !== undefined) made.push({ expression, message });
    }
  });
  return made;
}

function compilePrefixed(
  { claim = '', prefix, expression = '' }: PrefixedClaim,
  path: FieldPath,
  isRequired: boolean,
  errors: FieldError[],
): Expression | undefined {
  if (claim !== '' && expression !== '') errors.push(invalid(path, '', bothSet));
  else if (expression !== '') {
    if (prefix !== undefined) {
      errors.push(invalid(path.child('prefix'), prefix, 'may not be specified when expression is set'));
    }
    const compiled = compileOne(expression, 'claims', [], path.child('expression'), errors);
    return prefix === undefined ? compiled : undefined;
  } else if (claim === '') {
    if (isRequired) errors.push(required(path, 'claim or expression is required'));
  } else if (prefix === undefined) {
    const text =
      'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
    errors.push(required(path.child('prefix'), text));
  }
  return undefined;
}

function compileUid(
  { claim = '', expression = '' }: NonNullable<JwtConfig['claimMappings']['uid']>,
  path: FieldPath,
  errors: FieldError[],
): Expression | undefined {
  if (expression === '') return undefined;
  if (claim === '') return compileOne(expression, 'claims', [], path.child('expression'), errors);
  errors.push(invalid(path, '', bothSet));
  return undefined;
}

function compileExtra(
  mappings: NonNullable<JwtConfig['claimMappings']['extra']>,
  path: FieldPath,
  errors: FieldError[],
): ClaimExpressions['extra'] {
  const made: { key: string; expression: Expression }[] = [];
  const seen = new Set<string>();
  mappings.forEach(({ key = '', valueExpression = '' }, i) => {
    const at = path.index(i).child('key');
    if (key === '') errors.push(required(at));
    else for (const { part, text } of domainPrefixedPathFaults(key)) errors.push(invalid(at, part, text));
    if (key !== key.toLowerCase()) errors.push(invalid(at, key, 'must be lowercase'));
    if (/^(?:.*\.)?(?:kubernetes|k8s)\.io\//.test(key)) {
      const text = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
      errors.push(invalid(at, key, text));
    }
    if (seen.has(key)) {
      errors.push(duplicate(at, key));
      return;
    }
    seen.add(key);
    const value = path.index(i).child('valueExpression');
    if (valueExpression === '') {
      errors.push(required(value));
      return;
    }
    const expression = compileOne(valueExpression, 'claims', [], value, errors);
    if (expression !== undefined) made.push({ key, expression });
  });
  return made;
}

function compileUserRules(
  rules: NonNullable<JwtConfig['userValidationRules']>,
  path: FieldPath,
  errors: FieldError[],
): ValidationRule[] {
  const made: ValidationRule[] = [];
  const seen = new Set<string>();
  rules.forEach(({ expression: source = '', message = '' }, i) => {
    const at = path.index(i).child('expression');
    if (source === '') errors.push(required(at));
    else if (seen.has(source)) errors.push(duplicate(at, source));
    else {
      seen.add(source);
      const expression = compileOne(source, 'user', ['bool'], at, errors);
      if (expression !== undefined) made.push({ expression, message });
    }
  });
  return made;
}
