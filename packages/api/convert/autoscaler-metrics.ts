type Members = Record<string, any>;

/** Members that are there, in the order given: Go's omitempty. */
function present(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** An autoscaling/v2 metric in the shape of autoscaling/v1, which is only ever seen in an annotation. */
export function metricSpecToV1(metric: Members): Members {
  const { object, pods, resource, containerResource, external } = metric;
  return present({
    type: metric['type'],
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name ?? '',
      targetValue: object.target?.value ?? '0',
      ...present({ selector: object.metric?.selector, averageValue: object.target?.averageValue }),
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      targetAverageValue: pods.target?.averageValue ?? '0',
      ...present({ selector: pods.metric?.selector }),
    },
    resource: resource && { name: resource.name, ...averageTarget(resource.target) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...averageTarget(containerResource.target),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      ...present({
        metricSelector: external.metric?.selector,
        targetValue: external.target?.value,
        targetAverageValue: external.target?.averageValue,
      }),
    },
  });
}

function averageTarget(target: Members | undefined): Members {
  return present({
    targetAverageUtilization: target?.['averageUtilization'],
    targetAverageValue: target?.['averageValue'],
  });
}

export function metricSpecFromV1(metric: Members): Members {
  const { object, pods, resource, containerResource, external } = metric;
  return present({
    type: metric['type'],
    object: object && {
      describedObject: object.target,
      target: present({
        type: object.averageValue === undefined ? 'Value' : 'AverageValue',
        value: object.targetValue,
        averageValue: object.averageValue,
      }),
      metric: present({ name: object.metricName, selector: object.selector }),
    },
    pods: pods && {
      metric: present({ name: pods.metricName, selector: pods.selector }),
      target: { type: 'AverageValue', averageValue: pods.targetAverageValue },
    },
    resource: resource && { name: resource.name, target: averageTargetFromV1(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      target: averageTargetFromV1(containerResource),
    },
    external: external && {
      metric: present({ name: external.metricName, selector: external.metricSelector }),
      target: present({
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

function averageTargetFromV1(source: Members): Members {
  return present({
    type: source['targetAverageUtilization'] === undefined ? 'AverageValue' : 'Utilization',
    averageUtilization: source['targetAverageUtilization'],
    averageValue: source['targetAverageValue'],
  });
}

export function metricStatusToV1(metric: Members): Members {
  const { object, pods, resource, containerResource, external } = metric;
  return present({
    type: metric['type'],
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name ?? '',
      currentValue: object.current?.value ?? '0',
      ...present({ selector: object.metric?.selector, averageValue: object.current?.averageValue }),
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      currentAverageValue: pods.current?.averageValue ?? '0',
      ...present({ selector: pods.metric?.selector }),
    },
    resource: resource && { name: resource.name, ...averageCurrent(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...averageCurrent(containerResource.current),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      ...present({ metricSelector: external.metric?.selector }),
      currentValue: external.current?.value ?? '0',
      ...present({ currentAverageValue: external.current?.averageValue }),
    },
  });
}

function averageCurrent(current: Members | undefined): Members {
  return {
    ...present({ currentAverageUtilization: current?.['averageUtilization'] }),
    currentAverageValue: current?.['averageValue'] ?? '0',
  };
}

export function metricStatusFromV1(metric: Members): Members {
  const { object, pods, resource, containerResource, external } = metric;
  return present({
    type: metric['type'],
    object: object && {
      describedObject: object.target,
      metric: present({ name: object.metricName, selector: object.selector }),
      current: present({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && {
      metric: present({ name: pods.metricName, selector: pods.selector }),
      current: { averageValue: pods.currentAverageValue },
    },
    resource: resource && { name: resource.name, current: averageCurrentFromV1(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      current: averageCurrentFromV1(containerResource),
    },
    external: external && {
      metric: present({ name: external.metricName, selector: external.metricSelector }),
      current: present({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  });
}

function averageCurrentFromV1(source: Members): Members {
  return present({
    averageValue: source['currentAverageValue'],
    averageUtilization: source['currentAverageUtilization'],
  });
}
