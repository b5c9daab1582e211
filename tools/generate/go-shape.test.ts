import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatShapes, parseShapes, readGoShapes } from './go-shape.ts';

const source = `package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Mode is how.
// +enum
type Mode string

const (
	// ModeB comes later.
	ModeB Mode = "b"
	ModeA Mode = "a c"
)

type Inner struct {
	Path *string \`json:"path,omitempty" protobuf:"bytes,1,opt,name=path"\`
}

type Thing struct {
	metav1.TypeMeta \`json:",inline"\`
	Name  string        \`json:"name" protobuf:"bytes,1,opt,name=name"\`
	Inner \`json:",inline" protobuf:"bytes,2,opt,name=inner"\`
	Modes []Mode        \`json:"modes,omitempty" protobuf:"bytes,3,rep,name=modes,casttype=Mode"\`
	When  metav1.Time   \`json:"when,omitempty,omitzero" protobuf:"bytes,4,opt,name=when"\`
	Not   string        \`json:"-"\`
}
`;
const metaSource = `package v1

type TypeMeta struct {
	Kind string \`json:"kind,omitempty" protobuf:"bytes,1,opt,name=kind"\`
}
`;

test('readGoShapes() reads pointers, emptiness, embedding, enumerations and numbers from struct tags', () => {
  const folder = mkdtempSync(join(tmpdir(), 'go-shape-'));
  try {
    const write = (path: string, text: string): void => {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'types.go'), text);
    };
    write('k8s.io/api/core/v1', source);
    write('k8s.io/apimachinery/pkg/apis/meta/v1', metaSource);
    const text = formatShapes(
      readGoShapes(folder, ['io.k8s.api.core.v1.Thing', 'io.k8s.api.core.v1.Missing']),
    );
    assert.equal(
      text,
      'io.k8s.api.core.v1.Thing kind:e0:string name:1:string path:pe2Inner.1:string modes:e3:[]v1.Mode=a%20c|b when:ez4:v1.Time\n',
    );
    const [kind, , path, modes] = parseShapes(text).get('io.k8s.api.core.v1.Thing') ?? [];
    assert.deepEqual(kind, {
      name: 'kind',
      goType: 'string',
      pointer: false,
      omitEmpty: true,
      omitZero: false,
      number: 0,
      within: [],
      embedded: [],
    });
    assert.deepEqual([path?.within, path?.embedded, path?.pointer], [[2], ['Inner'], true]);
    assert.deepEqual(modes?.enum, ['a c', 'b']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
