"""What users of the Python client library do; fails where the server is not as they know it."""

import json
import sys
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException

config.load_kube_config()
namespace = "default"
core = client.CoreV1Api()
apps = client.AppsV1Api()


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} is not {wanted!r}")


def refused(code, message, request):
    try:
        request()
    except ApiException as error:
        same((error.status, json.loads(error.body)["message"]), (code, message))
        return
    raise AssertionError(f"not refused: {message}")


def objects_and_watch():
    body = {"metadata": {"name": "py", "labels": {"of": "py"}}, "data": {"a": "1"}}
    made = core.create_namespaced_config_map(namespace, body)
    same(made.data, {"a": "1"})
    refused(409, 'configmaps "py" already exists', lambda: core.create_namespaced_config_map(namespace, body))
    seen = []
    begun = threading.Event()

    def follow():
        follower = watch.Watch()
        for event in follower.stream(
            core.list_namespaced_config_map, namespace, label_selector="of=py", timeout_seconds=60
        ):
            seen.append((event["type"], event["object"].data))
            begun.set()
            if event["type"] == "DELETED":
                follower.stop()

    follower = threading.Thread(target=follow)
    follower.start()
    begun.wait(60)
    core.patch_namespaced_config_map("py", namespace, {"data": {"b": "2"}})
    core.patch_namespaced_config_map("py", namespace, [{"op": "replace", "path": "/data/a", "value": "9"}])
    core.delete_namespaced_config_map("py", namespace)
    follower.join(60)
    last = {"a": "9", "b": "2"}
    same(
        seen,
        [("ADDED", {"a": "1"}), ("MODIFIED", {"a": "1", "b": "2"}), ("MODIFIED", last), ("DELETED", last)],
    )
    refused(404, 'configmaps "py" not found', lambda: core.read_namespaced_config_map("py", namespace))


def typed_workload():
    container = client.V1Container(
        name="c", image="example/web:1", resources=client.V1ResourceRequirements(limits={"cpu": "100m"})
    )
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels={"app": "py"}), spec=client.V1PodSpec(containers=[container])
    )
    selector = client.V1LabelSelector(match_labels={"app": "py"})
    spec = client.V1DeploymentSpec(replicas=1, selector=selector, template=template)
    deployment = client.V1Deployment(metadata=client.V1ObjectMeta(name="py"), spec=spec)
    same(apps.create_namespaced_deployment(namespace, deployment).spec.strategy.type, "RollingUpdate")
    for event in watch.Watch().stream(
        apps.list_namespaced_deployment, namespace, field_selector="metadata.name=py", timeout_seconds=60
    ):
        if event["object"].status.ready_replicas == 1:
            break
    else:
        raise AssertionError("the deployment did not become ready")
    apps.patch_namespaced_deployment_scale("py", namespace, {"spec": {"replicas": 2}})
    same(apps.read_namespaced_deployment_scale("py", namespace).spec.replicas, 2)
    apps.delete_namespaced_deployment("py", namespace, propagation_policy="Foreground")


def custom_and_dynamic():
    names = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    definition = {
        "metadata": {"name": "gadgets.clients.example"},
        "spec": {"group": "clients.example", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    extensions = client.ApiextensionsV1Api()
    extensions.create_custom_resource_definition(definition)
    for event in watch.Watch().stream(
        extensions.list_custom_resource_definition,
        field_selector="metadata.name=gadgets.clients.example",
        timeout_seconds=60,
    ):
        conditions = event["object"].status.conditions or []
        if any(each.type == "Established" and each.status == "True" for each in conditions):
            break
    found = dynamic.DynamicClient(client.ApiClient())
    gadgets = found.resources.get(api_version="clients.example/v1", kind="Gadget")
    body = {"apiVersion": "clients.example/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"size": 2}}
    same(gadgets.create(body=body, namespace=namespace).spec.size, 2)
    custom = client.CustomObjectsApi()
    listed = custom.list_namespaced_custom_object("clients.example", "v1", namespace, "gadgets")
    same([each["metadata"]["name"] for each in listed["items"]], ["g"])
    extensions.delete_custom_resource_definition("gadgets.clients.example")


for part in (objects_and_watch, typed_workload, custom_and_dynamic):
    part()
    print(part.__name__)
sys.exit(0)
