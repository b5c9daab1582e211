import { Failure } from '../error-text.ts';
import { formatSyntax, goValue } from '../go-template/go-value.ts';
import { JsonPath } from '../jsonpath/evaluate.ts';
import { formatJson } from './json.ts';

interface JsonPathPrinterOptions {
  /** Take fields that are not there for nothing, else fail. */
  readonly allowMissing: boolean;
  /** Print all that is found as one JSON list. */
  readonly asJson: boolean;
}

/**
 * Prints objects by a JSONPath template.
 * @throws Failure when the template is wrong
 */
export function jsonPathPrinter(
  text: string,
  { allowMissing, asJson }: JsonPathPrinterOptions,
  write: (text: string) => void,
): (object: unknown) => void {
  const path = compiled(text, allowMissing);
  return (object) => {
    try {
      write(asJson ? `${formatJson(path.find(object).flat())}\n` : path.render(object));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(
        `error executing jsonpath ${JSON.stringify(text)}: Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${text}\n\tobject given to jsonpath engine was:\n\t\t${formatSyntax(goValue(object))}\n\n`,
        { cause: error },
      );
    }
  };
}

function compiled(text: string, allowMissing: boolean): JsonPath {
  try {
    return new JsonPath(text, allowMissing);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`error parsing jsonpath ${text}, ${error.message}`, { cause: error });
  }
}
