import { Failure } from '../error-text.ts';
import { GoTemplate } from '../go-template/go-template.ts';
import { formatValue, goValue } from '../go-template/go-value.ts';
import { compactJson } from './json.ts';

/**
 * Prints objects by a template of Go's text/template.
 * @throws Failure when the template is wrong
 */
export function templatePrinter(
  source: string,
  allowMissing: boolean,
  write: (text: string) => void,
): (object: unknown) => void {
  const template = compiled(source, allowMissing);
  return (object) => {
    try {
      template.execute(object, write);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      write(
        `Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${source}\n\traw data was:\n\t\t${compactJson(object)}\n\tobject given to template engine was:\n\t\t${formatValue(goValue(object))}\n\n`,
      );
      throw new Failure(`error executing template ${JSON.stringify(source)}: ${error.message}`, {
        cause: error,
      });
    }
  };
}

function compiled(source: string, allowMissing: boolean): GoTemplate {
  try {
    return new GoTemplate(source, allowMissing);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`error parsing template ${source}, ${error.message}`, { cause: error });
  }
}
