import type { ApiServerOptions } from '@coxswain/apiserver';
import type { Issuer, PkiDir } from '@coxswain/pki';
import { fileOf, pairFromFiles } from './flag-files.ts';
import type { Flags } from './flags.ts';

/** How the server reaches kubelets. */
export function kubeletClientFromFlags(
  flags: Flags,
  pki: PkiDir,
  issuer: Issuer,
): NonNullable<ApiServerOptions['kubelet']> {
  const given = pairFromFiles(flags, 'kubelet-client-certificate', 'kubelet-client-key');
  const ca = fileOf(flags, 'kubelet-certificate-authority');
  const made = pki.leaf('apiserver-kubelet-client', issuer, {
    subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] },
    usages: ['client'],
  });
  return {
    ...(given ?? { cert: made.certificate, key: made.key }),
    // Upstream's default asks for names that somebody must resolve. Unless told, addresses go first, as kubeadm has it.
    ...(flags.has('kubelet-preferred-address-types')
      ? { preferredAddressTypes: flags.strings('kubelet-preferred-address-types') }
      : {}),
    ...(ca === undefined ? {} : { ca }),
  };
}
