import { forbidden, invalid, isDNS1123Subdomain, isSloppyIP, required } from '@coxswain/machinery';
import { validateIP } from '../formats.ts';
import { ingressIPs } from '../networking/ingress.ts';
import { addInvalid, type Errors, type Json, oneOf, statusPath } from '../values.ts';

/** ValidateLoadBalancerStatus. */
export function validateLoadBalancerStatus(errs: Errors, service: Json, old: Json): void {
  const before = ingressIPs(old);
  const ingresses: readonly Json[] = service['status']?.loadBalancer?.ingress ?? [];
  const path = statusPath.child('loadBalancer').child('ingress');
  if (service['spec'].type !== 'LoadBalancer' && ingresses.length > 0) {
    errs.push(forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"));
    return;
  }
  ingresses.forEach((ingress, i) => {
    const place = path.index(i);
    const ip: string = ingress['ip'] ?? '';
    const hostname: string = ingress['hostname'] ?? '';
    const mode: string | undefined = ingress['ipMode'];
    if (ip !== '') validateIP(errs, ip, place.child('ip'), before);
    if (mode == null) {
      if (ip !== '') errs.push(required(place.child('ipMode'), 'must be specified when `ip` is set'));
    } else if (ip === '') {
      errs.push(forbidden(place.child('ipMode'), 'may not be specified when `ip` is not set'));
    } else {
      oneOf(errs, place.child('ipMode'), mode, ['Proxy', 'VIP']);
    }
    if (hostname === '') return;
    addInvalid(errs, place.child('hostname'), hostname, isDNS1123Subdomain(hostname));
    if (isSloppyIP(hostname)) {
      errs.push(invalid(place.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
    }
  });
}
