import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hasKubectl } from './support/has-kubectl.ts';
import { SideBySide } from './support/side-by-side.ts';

const manifest = `apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {k: v}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - name: c
        image: example/web:1
        env: [{name: A, value: "1"}, {name: B, value: "2"}]
        ports: [{containerPort: 80}]
`;

const variety = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: none, port: {number: 80}}}}]}}]
  tls: [{hosts: [a.example], secretName: cert}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress: [{from: [{podSelector: {matchLabels: {a: b}}}], ports: [{port: 80}]}]
  policyTypes: [Ingress]
---
apiVersion: v1
kind: LimitRange
metadata: {name: web}
spec: {limits: [{type: Container, default: {cpu: 100m}}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: web}
spec:
  schedule: "0 0 1 1 *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: x
  replicas: 0
  selector: {matchLabels: {q: s}}
  template:
    metadata: {labels: {q: s}}
    spec:
      containers: [{name: c, image: x, livenessProbe: {tcpSocket: {port: 80}}, envFrom: [{configMapRef: {name: x}}]}]
      volumes: [{name: v, hostPath: {path: /x}}]
  volumeClaimTemplates:
  - metadata: {name: d}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web}
spec:
  selector: {matchLabels: {q: d}}
  template: {metadata: {labels: {q: d}}, spec: {containers: [{name: c, image: x}]}}
`;

const labelled = `apiVersion: v1
kind: ConfigMap
metadata: {name: kept, labels: {set: one}}
data: {k: v}
---
apiVersion: v1
kind: Secret
metadata: {name: dropped, labels: {set: one}}
stringData: {k: v}
`;

const service =
  'apiVersion: v1\nkind: Service\nmetadata: {name: svc}\nspec: {ports: [{port: 80}], selector: {a: b}}\n';

const roles = (
  namespace: string,
  verbs: string,
  user: string,
): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: ${namespace}}
rules: [{apiGroups: [""], resources: [pods], verbs: [${verbs}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: r, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: User, name: ${user}, apiGroup: rbac.authorization.k8s.io}]
`;

/** Files that commands name, by what stands for them in the list below. */
const files = {
  FILE: manifest,
  CHANGED: manifest
    .replace('web:1', 'web:2')
    .replace('{name: A, value: "1"}, ', '')
    .replace('{k: v}', '{z: y}'),
  UNKNOWN_FIELD: manifest.replace('image:', 'imaje:'),
  INVALID: manifest.replace('replicas: 1', 'replicas: -1'),
  VARIETY: variety,
  LABELLED: labelled,
  FEWER: labelled.slice(0, labelled.indexOf('---')),
  SERVICE: service,
  REPLACED: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {other: x}\n',
};

const dryYaml = '--dry-run=client -o yaml';
const transcripts: Readonly<Record<string, readonly string[]>> = {
  'wrong calls': [
    'get --foo',
    'get -Z',
    'get foo',
    'get pods/a b',
    'get pods -l a=((',
    'get pods x',
    'create configmap',
    'create cm a b',
    'create sa x --dry-run=foo',
    'create cm z --from-literal=x',
    'delete',
    'delete pods',
    'delete foo bar',
    'describe pod nope',
    'logs nope',
    'exec nope -- ls',
    'apply -f /nope',
    'apply x',
    'scale deploy x --replicas=x',
    'label',
    'wait --for=sunshine sa/default',
    'rollout status',
    'api-versions x',
    'events --types=Foo',
    'events --for=sa/default -o name',
    'create role r --verb=foo --resource=pods -o name --dry-run=client',
  ],
  generators: [
    `create configmap a --from-literal=x=1 ${dryYaml}`,
    `create deployment web --image=example/web:1 --port=80 -r 2 ${dryYaml}`,
    `create service nodeport web --tcp=80:8080 ${dryYaml}`,
    `create role r --verb=get,list --resource=pods,deployments.apps,pods/log ${dryYaml}`,
    `create rolebinding r --clusterrole=x --user=u --serviceaccount=a:b ${dryYaml}`,
    `create quota q --hard=cpu=1,pods=2 ${dryYaml}`,
    `create job j --image=example/job ${dryYaml} -- sh -c ls`,
    `create secret docker-registry d --docker-username=u --docker-password=p ${dryYaml}`,
    `create ingress i --rule=foo.com/bar*=svc:80,tls=sec ${dryYaml}`,
    `create pdb p --selector=a=b --min-available=1 ${dryYaml}`,
    `run p --image=x --env=A=1 --port=80 -l a=b --restart=Never ${dryYaml} -- a b`,
  ],
  'a configuration applied, changed and deleted': [
    'apply -f FILE',
    'get deploy app -o yaml',
    'apply -f FILE',
    'apply -f CHANGED',
    'get cm conf -o yaml',
    "get deploy app -o jsonpath={.spec.template.spec.containers[*]['image','env']}",
    'apply -f CHANGED --dry-run=client',
    'apply -f CHANGED --dry-run=server',
    'apply -f UNKNOWN_FIELD',
    'apply -f INVALID',
    'create -f FILE',
    'apply view-last-applied deploy/app -o json',
    'apply --server-side -f FILE --force-conflicts',
    'replace -f REPLACED',
    'describe cm conf',
    'set image deploy/app c=example/web:3',
    'set env deploy/app A=7 B-',
    'scale deploy/app --replicas=2 --current-replicas=9',
    'scale deploy app --replicas=0',
    'rollout pause deploy/app',
    'rollout pause deploy/app',
    'rollout resume deploy app',
    'rollout undo deploy/app --to-revision=99',
    'label cm conf a=b',
    'label cm conf a=c',
    'label cm conf a-',
    'annotate cm conf x=y',
    'patch cm conf -p {"data":{"other":"b"}}',
    'patch cm conf -p {"data":{"other":"b"}}',
    'expose deploy app --port=80',
    'delete cm conf --dry-run=server',
    'delete cm conf --dry-run=server -o name',
    'describe cm nope conf',
    'get deploy,cm app',
    'delete -f FILE',
    'delete -f FILE',
    'delete svc --all',
  ],
  'many kinds described': [
    'apply -f VARIETY',
    ...['ingress', 'networkpolicy', 'limits', 'pdb', 'cronjob', 'sts', 'ds'].map(
      (kind) => `describe ${kind} web`,
    ),
    'get ing,netpol,pdb,cj,sts,ds',
    'delete -f VARIETY --wait=false',
  ],
  'what is there compared with what is wanted': [
    'diff',
    'diff x',
    'diff -f /nope',
    'apply -f LABELLED',
    'diff -f LABELLED',
    'diff -f LABELLED -l set=two',
    'diff -f FEWER --server-side --force-conflicts=false',
    'apply -f FEWER --prune',
    'apply -f FEWER --prune --all -l set=one',
    'apply -f FEWER --prune -l set=one --prune-allowlist=core/v1',
    'apply -f FEWER --prune -l set=one --prune-allowlist=core/v1/Secret --dry-run=server',
    'apply -f FEWER --prune -l set=one --prune-allowlist=core/v1/Secret',
    'get cm,secret -l set=one',
    'apply edit-last-applied cm/nope',
    'apply set-last-applied -f FEWER',
    'replace -f FEWER --grace-period=3',
    'replace -f FEWER --timeout=3s',
    'replace --force -f FEWER',
    'replace',
    'delete -f FEWER',
  ],
  'parts of objects set': [
    'apply -f SERVICE',
    'set selector svc svc c=d,e=f',
    'get svc svc -o jsonpath={.spec.selector}',
    'set selector svc svc c!=d',
    'create rolebinding rb --clusterrole=view --user=a',
    'set subject rolebinding rb --user=z --group=g --serviceaccount=a:b',
    'set subject rolebinding rb --user=z',
    'set subject rolebinding rb',
    'set subject rolebinding rb --serviceaccount=ab',
    'set subject svc svc --user=z',
    'get rolebinding rb -o jsonpath={.subjects}',
    'set image svc/svc c=x',
    'certificate approve',
    'certificate approve nope',
    'certificate deny nope',
    'delete svc/svc rolebinding/rb',
  ],
  'permissions asked about and reconciled': [
    'auth reconcile',
    'auth reconcile -f ROLES',
    'auth reconcile -f ROLES',
    'auth reconcile -f OTHER_ROLES --dry-run=client',
    'auth reconcile -f OTHER_ROLES --dry-run=server',
    'auth reconcile -f OTHER_ROLES',
    'auth reconcile -f ROLES --remove-extra-permissions --remove-extra-subjects',
    'get role r -o yaml',
    'get rolebinding r -o yaml',
    'auth can-i get',
    'auth can-i fly pods',
    'auth can-i get nodes',
    'auth can-i get foo.bar',
    'auth can-i get users',
    'auth can-i zap /healthz',
    'auth can-i * *',
    'auth can-i get pods --no-headers',
    'auth can-i --list x',
  ],
  'templates of output': [
    'get ns default -o go-template={{.metadata.name}}',
    'get ns default --template={{.kind}}',
    'get ns default -o go-template',
    'get ns default -o go-template={{.x',
    'get ns default -o go-template={{.x}}',
    'get ns default -o go-template={{.x}} --allow-missing-template-keys=false -o=json',
    'get priorityclasses -o go-template={{range.items}}{{.metadata.name}}:{{.value}}/{{end}}',
    'get ns default -o go-template-file=/nope',
    'get ns default -o go-template={{nope}}',
    'get ns default -o go-template={{$x}}',
    'get ns default -o jsonpath-as-json={.metadata.name}',
    'create cm t --from-literal=a=b --dry-run=client -o go-template={{.data.a}}',
    'get ns default -o custom-columns=NAME',
    'top pods',
    'top nodes',
    'kustomize',
  ],
  'what a new server holds': [
    'explain deploy.spec.strategy',
    'explain pod.spec.containers',
    'explain pod.spec.nope',
    'get ns default -o json',
    'get pods',
    'get svc,sa -o name',
    'get clusterroles -o yaml',
    'get priorityclasses -o custom-columns=NAME:.metadata.name,VALUE:.value',
    'get apiservices --sort-by=.metadata.name',
    'get ns default --show-labels',
    'get all -A',
    'describe clusterrole edit',
    'describe clusterrolebinding cluster-admin',
    'describe flowschema exempt',
    'describe ns default',
    'describe sa default',
    'api-resources -o wide',
    'api-versions',
    'auth can-i get pods',
    'auth can-i get pods --as=bob',
    'auth can-i --list',
    'auth whoami',
    'config view',
    'config get-contexts',
  ],
};

describe('cox prints what kubectl prints', { skip: !hasKubectl() && 'kubectl is not on the PATH' }, () => {
  const both = new SideBySide();
  before(async () => {
    await both.start();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(both.dir, `${name}.yaml`), text);
    for (const namespace of Object.values(both.namespaces)) {
      writeFileSync(join(both.dir, `ROLES.${namespace}`), roles(namespace, 'get, list', 'u'));
      writeFileSync(join(both.dir, `OTHER_ROLES.${namespace}`), roles(namespace, 'get, watch', 'w'));
    }
  });
  after(() => both.stop());

  for (const [title, commands] of Object.entries(transcripts)) {
    describe(title, () => {
      for (const command of commands) {
        test(command, async () => {
          const { kubectl, cox } = await both.both((namespace) =>
            command.split(' ').map((word) => {
              if (/ROLES$/.test(word)) return join(both.dir, `${word}.${namespace}`);
              return Object.hasOwn(files, word) ? join(both.dir, `${word}.yaml`) : word;
            }),
          );
          assert.deepEqual(cox, kubectl);
        });
      }
    });
  }
});
