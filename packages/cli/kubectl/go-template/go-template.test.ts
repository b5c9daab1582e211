import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GoTemplate } from './go-template.ts';

const data = {
  kind: 'List',
  items: [
    { name: 'a', port: 80, ready: true, ratio: 0.5, labels: { x: '1', y: '2' } },
    { name: 'b', port: 1000000, ready: false, labels: {} },
  ],
  nothing: null,
};

function render(source: string, allowMissing = true): string {
  let text = '';
  new GoTemplate(source, allowMissing).execute(data, (piece) => {
    text += piece;
  });
  return text;
}

describe('GoTemplate.execute()', () => {
  const cases: readonly (readonly [template: string, text: string])[] = [
    ['plain', 'plain'],
    ['{{.kind}}!', 'List!'],
    ['{{range .items}}{{.name}} {{end}}', 'a b '],
    ['{{range $i, $e := .items}}{{$i}}={{$e.name}} {{end}}', '0=a 1=b '],
    ['{{range $k, $v := (index .items 0).labels}}{{$k}}:{{$v}},{{end}}', 'x:1,y:2,'],
    ['{{range .none}}x{{else}}empty{{end}}', 'empty'],
    ['{{range .items}}{{if .ready}}{{continue}}{{end}}{{.name}}{{break}}{{end}}', 'b'],
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{if .none}}a{{else if .kind}}b{{else}}c{{end}}', 'b'],
    ['{{with index .items 1}}{{.port}} {{$.kind}}{{end}}', '1000000 List'],
    ['{{with .none}}a{{else}}b{{end}}', 'b'],
    ['a {{- .kind -}} b', 'aListb'],
    ['a{{/* no */}}b {{- /* no */ -}} c', 'abc'],
    ['{{$x := .kind}}{{if true}}{{$x = "in"}}{{end}}{{$x}}', 'in'],
    ['{{define "t"}}<{{.}}>{{end}}{{template "t" .kind}}{{template "t"}}', '<List><<no value>>'],
    ['{{block "t" .kind}}<{{.}}>{{end}}', '<List>'],
    ['{{.none}} {{.none.deeper}} {{.nothing}}', '<no value> <no value> <no value>'],
    [
      '{{(index .items 0).labels}} {{.items}}',
      'map[x:1 y:2] [map[labels:map[x:1 y:2] name:a port:80 ratio:0.5 ready:true] map[labels:map[] name:b port:1000000 ready:false]]',
    ],
    [
      '{{1000000}} {{1e6}} {{0.00001}} {{0x1F}} {{-3}} {{\'a\'}} {{`r\\n`}} {{"q\\t"}}',
      '1000000 1e+06 1e-05 31 -3 97 r\\n q\t',
    ],
    [
      '{{eq .kind "x" "List"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 1 2}}',
      'true true true true false false',
    ],
    [
      '{{and 1 0}} {{or 0 .none}} {{or 0 "x"}} {{not 1}} {{len .items}} {{len "äb"}}',
      '0 <no value> x false 2 3',
    ],
    ['{{slice "abc" 1 2}} {{index "abc" 1}} {{index .items 0 "labels" "x"}}', 'b 98 1'],
    [
      '{{printf "%q|%5.2f|%-4s|%04d|%t|%x|%T|%v" "a" 3.14159 "b" 7 true "hi" 1 .none}}',
      '"a"| 3.14|b   |0007|true|6869|int64|<nil>',
    ],
    ['{{printf "%d" "x"}} {{printf "%s"}} {{printf "a" 1}}', '%!d(string=x) %!s(MISSING) a%!(EXTRA int64=1)'],
    ['{{print 1 2 "a" "b" 3}} {{println "x" 1}}', '1 2ab3 x 1\n'],
    ['{{.kind | printf "%s-%s" "a"}} {{"x" | len | printf "%03d"}}', 'a-List 001'],
    [
      '{{html "<a href=\'x\'>&"}} {{urlquery "a b&c"}} {{js "it\'s <b>"}}',
      "&lt;a href=&#39;x&#39;&gt;&amp; a+b%26c it\\'s \\u003Cb\\u003E",
    ],
    ['{{base64decode "aGk="}} {{exists . "items" 0 "name"}} {{exists . "x" "y"}}', 'hi true false'],
  ];
  for (const [template, text] of cases) {
    test(`gives ${JSON.stringify(text)} when the template is ${template}`, () => {
      assert.equal(render(template), text);
    });
  }
});

describe('GoTemplate throws what text/template says', () => {
  const at = (place: string, why: string): string => `template: output:${place}: ${why}`;
  const wrong: readonly (readonly [template: string, message: string])[] = [
    ['{{.a', at('1', 'unclosed action')],
    ['{{end}}', at('1', 'unexpected {{end}}')],
    ['{{if}}{{end}}', at('1', 'missing value for if')],
    ['\n{{foo 1}}', at('2', 'function "foo" not defined')],
    ['{{if .a}}', at('1', 'unexpected EOF')],
    [
      '{{.items.x}}',
      at('1:8', 'executing "output" at <.items.x>: can\'t evaluate field x in type interface {}'),
    ],
    [
      '{{ index .items 7 }}',
      at('1:3', 'executing "output" at <index .items 7>: error calling index: index out of range: 7'),
    ],
    [
      '{{ lt 1 2.0 }}',
      at('1:3', 'executing "output" at <lt 1 2.0>: error calling lt: incompatible types for comparison'),
    ],
    ['{{range .kind}}{{end}}', at('1:8', 'executing "output" at <.kind>: range can\'t iterate over List')],
  ];
  for (const [template, message] of wrong) {
    test(message, () => {
      assert.throws(() => render(template), { message });
    });
  }

  test('a key that is missing, when it must not be', () => {
    assert.throws(() => render('{{.kind}}{{.x}}', false), {
      message: 'template: output:1:11: executing "output" at <.x>: map has no entry for key "x"',
    });
  });
});
