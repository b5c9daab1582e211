import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { configMap, idle, job, secret } from '../support/pods.ts';
import type { Scope } from '../support/scope.ts';

/** A volume that shows a source's keys as files, whichever of the five kinds it is. */
interface Kind {
  readonly title: string;
  readonly make: (name: string, data: Readonly<Record<string, string>>) => any;
  readonly plural: string;
  readonly volume: (
    source: string,
    parts?: { items?: object[]; defaultMode?: number; optional?: boolean },
  ) => any;
}

const direct =
  (key: 'configMap' | 'secret', name: string) =>
  (source: string, parts: object = {}) => ({
    name: 'data',
    [key]: { [name]: source, ...parts },
  });
const projected =
  (key: 'configMap' | 'secret') =>
  (source: string, parts: { items?: object[]; defaultMode?: number; optional?: boolean } = {}) => {
    const { defaultMode, ...rest } = parts;
    const sources = [{ [key]: { name: source, ...rest } }];
    return { name: 'data', projected: { sources, ...(defaultMode === undefined ? {} : { defaultMode }) } };
  };

const kinds: readonly Kind[] = [
  { title: 'ConfigMap', make: configMap, plural: 'configmaps', volume: direct('configMap', 'name') },
  { title: 'Secrets', make: secret, plural: 'secrets', volume: direct('secret', 'secretName') },
  { title: 'Projected configMap', make: configMap, plural: 'configmaps', volume: projected('configMap') },
  { title: 'Projected secret', make: secret, plural: 'secrets', volume: projected('secret') },
];

const mounts = { volumeMounts: [{ name: 'data', mountPath: '/etc/data', readOnly: true }] };
const show = 'cd /etc/data && for f in $(ls); do echo "$f $(stat -L -c %a $f) $(cat $f)"; done';
const nobody = { securityContext: { runAsUser: 1000, runAsNonRoot: true } };

/** Behaviours of volumes of configMaps and secrets. */
export const payloadVolumes: Behaviours = (behaviour) => {
  for (const { title, make, plural, volume } of kinds) {
    const name = (text: string) => `[sig-storage] ${title} ${text}`;
    const isSecret = title.endsWith('ecret') || title === 'Secrets';
    const shown = async (s: Scope, volumeParts: object | undefined, spec: object = {}): Promise<string> => {
      await s.create(make('source', { 'data-1': 'value-1', 'data-2': 'value-2' }));
      return s.output(job('reads', show, mounts, { volumes: [volume('source', volumeParts)], ...spec }));
    };

    behaviour(name('should be consumable from pods in volume'), async (s) => {
      assert.equal(await shown(s, undefined), 'data-1 644 value-1\ndata-2 644 value-2\n');
    });

    behaviour(
      name('should be consumable from pods in volume with defaultMode set [LinuxOnly]'),
      async (s) => {
        assert.equal(await shown(s, { defaultMode: 0o400 }), 'data-1 400 value-1\ndata-2 400 value-2\n');
      },
    );

    behaviour(name('should be consumable from pods in volume with mappings'), async (s) => {
      const items = [{ key: 'data-2', path: 'path' }];
      assert.equal(await shown(s, { items }), 'path 644 value-2\n');
    });

    behaviour(
      name(
        `should be consumable from pods in volume with mappings and Item ${isSecret ? 'Mode' : 'mode'} set [LinuxOnly]`,
      ),
      async (s) => {
        const items = [{ key: 'data-2', path: 'path', mode: 0o400 }];
        assert.equal(await shown(s, { items }), 'path 400 value-2\n');
      },
    );

    if (isSecret) {
      behaviour(
        name(
          'should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly]',
        ),
        async (s) => {
          const securityContext = { runAsUser: 1000, fsGroup: 1001 };
          const text = await shown(s, { defaultMode: 0o440 }, { securityContext });
          assert.equal(text, 'data-1 440 value-1\ndata-2 440 value-2\n');
        },
      );
    } else {
      behaviour(name('should be consumable from pods in volume as non-root'), async (s) => {
        assert.equal(await shown(s, undefined, nobody), 'data-1 644 value-1\ndata-2 644 value-2\n');
      });

      behaviour(name('should be consumable from pods in volume with mappings as non-root'), async (s) => {
        const items = [{ key: 'data-2', path: 'path/to/data-2' }];
        await s.create(make('source', { 'data-2': 'value-2' }));
        const pod = job('reads', 'cat /etc/data/path/to/data-2', mounts, {
          volumes: [volume('source', { items })],
          ...nobody,
        });
        assert.equal(await s.output(pod), 'value-2');
      });

      behaviour(name('updates should be reflected in volume'), async (s) => {
        await s.create(make('source', { 'data-1': 'value-1' }));
        await s.start(idle('reads', mounts, { volumes: [volume('source')] }));
        assert.equal(await s.exec('reads', 'cat', '/etc/data/data-1'), 'value-1');
        await s.api.change(s.path(plural, 'source'), (object) => {
          object.data['data-1'] = 'value-2';
        });
        await contentIs(s, 'data-1', 'value-2');
      });
    }

    behaviour(
      name(`should be consumable in multiple volumes in ${isSecret ? 'a' : 'the same'} pod`),
      async (s) => {
        await s.create(make('source', { 'data-1': 'value-1' }));
        const volumeMounts = ['a', 'b'].map((v) => ({ name: v, mountPath: `/etc/${v}`, readOnly: true }));
        const volumes = ['a', 'b'].map((v) => ({ ...volume('source'), name: v }));
        const text = await s.output(
          job('reads', 'cat /etc/a/data-1 /etc/b/data-1', { volumeMounts }, { volumes }),
        );
        assert.equal(text, 'value-1value-1');
      },
    );

    behaviour(name('optional updates should be reflected in volume'), async (s) => {
      await s.create(make('deleted', { 'data-1': 'value-1' }), make('updated', { 'data-1': 'value-1' }));
      const names = ['deleted', 'updated', 'created'];
      await s.start(
        idle(
          'reads',
          { volumeMounts: names.map((v) => ({ name: v, mountPath: `/etc/${v}`, readOnly: true })) },
          { volumes: names.map((v) => ({ ...volume(v, { optional: true }), name: v })) },
        ),
      );
      await s.delete(plural, 'deleted');
      await s.api.change(s.path(plural, 'updated'), (object) => {
        delete object.data['data-1'];
        object.data['data-3'] = 'value-3';
        if (isSecret) object.data['data-3'] = 'dmFsdWUtMw==';
      });
      await s.create(make('created', { 'data-1': 'value-1' }));
      await eventually('the volumes follow', async () => {
        const text = await s.shell('reads', 'cd /etc; ls deleted; echo --; grep . updated/* created/*');
        return text === '--\nupdated/data-3:value-3\ncreated/data-1:value-1\n';
      });
    });
  }

  for (const { title, make, plural } of kinds.slice(0, 2)) {
    behaviour(`[sig-storage] ${title} should be immutable if \`immutable\` field is set`, async (s) => {
      await s.create(make('fixed', { key: 'value' }));
      const path = s.path(plural, 'fixed');
      const write = async (mutate: (object: any) => void) => {
        const object = await s.api.get(path);
        mutate(object);
        return s.api.call('PUT', path, object);
      };
      assert.equal(
        (
          await write((o) => {
            o.data.key = 'dmFsdWUx';
          })
        ).status,
        200,
      );
      assert.equal(
        (
          await write((o) => {
            o.immutable = true;
          })
        ).status,
        200,
      );
      assert.equal(
        (
          await write((o) => {
            o.data.key = 'dmFsdWUy';
          })
        ).status,
        422,
      );
      assert.equal(
        (
          await write((o) => {
            o.data.more = 'dmFsdWUy';
          })
        ).status,
        422,
      );
      assert.equal(
        (
          await write((o) => {
            delete o.data.key;
          })
        ).status,
        422,
      );
      assert.equal(
        (
          await write((o) => {
            o.immutable = false;
          })
        ).status,
        422,
      );
      assert.equal(
        (
          await write((o) => {
            o.metadata.labels = { still: 'free' };
          })
        ).status,
        200,
      );
      await s.api.delete(path);
    });
  }

  behaviour('[sig-storage] ConfigMap binary data should be reflected in volume', async (s) => {
    const binaryData = { dump: Buffer.from([0xde, 0xca, 0xfe, 0xba, 0xd0, 0xfe, 0xff]).toString('base64') };
    await s.create(configMap('source', { data: 'value' }, { binaryData }));
    const line = 'cat /etc/data/data; perl -e \'open F, "/etc/data/dump"; print unpack("H*", <F>)\'';
    const text = await s.output(
      job('reads', line, mounts, { volumes: [{ name: 'data', configMap: { name: 'source' } }] }),
    );
    assert.equal(text, 'valuedecafebad0feff');
  });

  behaviour(
    '[sig-storage] Secrets should be able to mount in a volume regardless of a different secret existing with same name in different namespace',
    async (s) => {
      const other = await s.newNamespace();
      const strange = secret('source', { 'data-1': 'other' });
      await s.create({ ...strange, metadata: { name: 'source', namespace: other } });
      await s.create(secret('source', { 'data-1': 'value-1' }));
      const text = await s.output(
        job('reads', 'cat /etc/data/data-1', mounts, {
          volumes: [{ name: 'data', secret: { secretName: 'source' } }],
        }),
      );
      assert.equal(text, 'value-1');
      await s.delete('namespaces', other);
    },
  );

  behaviour(
    '[sig-storage] Projected combined should project all components that make up the projection API [Projection]',
    async (s) => {
      await s.create(
        configMap('map', { 'configmap-data': 'map-value' }),
        secret('hidden', { 'secret-data': 'secret-value' }),
      );
      const sources = [
        { downwardAPI: { items: [{ path: 'podname', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { secret: { name: 'hidden', items: [{ key: 'secret-data', path: 'secret-data' }] } },
        { configMap: { name: 'map', items: [{ key: 'configmap-data', path: 'configmap-data' }] } },
      ];
      const text = await s.output(
        job('all-in-one', show, mounts, { volumes: [{ name: 'data', projected: { sources } }] }),
      );
      assert.equal(
        text,
        'configmap-data 644 map-value\npodname 644 all-in-one\nsecret-data 644 secret-value\n',
      );
    },
  );

  behaviour('[sig-storage] EmptyDir wrapper volumes should not conflict', async (s) => {
    await s.create(secret('hidden', { 'data-1': 'value-1' }), configMap('map', { 'data-1': 'value-1' }));
    await s.start(
      idle(
        'both',
        {
          volumeMounts: [
            { name: 'a', mountPath: '/etc/secret-volume', readOnly: true },
            { name: 'b', mountPath: '/etc/configmap-volume' },
          ],
        },
        {
          volumes: [
            { name: 'a', secret: { secretName: 'hidden' } },
            { name: 'b', configMap: { name: 'map' } },
          ],
        },
      ),
    );
  });

  behaviour(
    '[sig-storage] EmptyDir wrapper volumes should not cause race condition when used for configmaps [Serial]',
    async (s) => {
      const names = Array.from({ length: 25 }, (_, i) => `racey-${i}`);
      await Promise.all(names.map((n) => s.create(configMap(n, { 'data-1': n }))));
      const parts = { volumeMounts: names.map((n) => ({ name: n, mountPath: `/etc/${n}` })) };
      const volumes = names.map((n) => ({
        name: n,
        configMap: { name: n, items: [{ key: 'data-1', path: 'data-1' }] },
      }));
      await Promise.all(['one', 'two', 'three'].map((pod) => s.start(idle(pod, parts, { volumes }))));
      const text = await s.shell('two', `for i in $(seq 0 24); do cat /etc/racey-$i/data-1; echo; done`);
      assert.equal(text, `${names.join('\n')}\n`);
    },
  );
};

async function contentIs(s: Scope, file: string, wanted: string): Promise<void> {
  await eventually(`${file} says ${wanted}`, async () => {
    return (await s.exec('reads', 'cat', `/etc/data/${file}`)) === wanted;
  });
}
