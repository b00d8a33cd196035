"""Objects as people write them."""

from typing import Any

Object = dict[str, Any]
NAMESPACE = "lending"
STEPS = [{"setWeight": 50}, {"pause": {"duration": "3s"}}]


def a_model(name: str = "loan", version: str = "7", **spec: Any) -> Object:
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "AIModelDeployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"team": "lending"}},
        "spec": {
            "model": {"version": version},
            "serving": {
                "deployment": {
                    "replicas": 2,
                    "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
                    "template": {"spec": {"containers": [{"name": "m", "image": "loan"}]}},
                }
            },
            "traffic": {
                "gatewayAPI": {
                    "parentRefs": [{"name": "public"}],
                    "hostnames": [f"{name}.example.com"],
                    "rules": [{"name": "all"}],
                }
            },
            "rollout": {"steps": STEPS, "progressDeadline": "5m"},
            **spec,
        },
    }


def a_template(name: str = "errors", **spec: Any) -> Object:
    ratio = {"events": 'requests_total{code="500"}', "total": "requests_total"}
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "ClusterSignalTemplate",
        "metadata": {"name": name},
        "spec": spec or {"ratio": ratio},
    }


def a_trigger(name: str = "errors-rise", signal: str = "errors", **test: Any) -> Object:
    proportion = {"comparedTo": "Stable", "direction": "Increase", "minSamples": 50}
    return {
        "name": name,
        "signal": {"name": signal},
        "test": test or {"proportion": proportion},
    }


def a_policy(name: str = "lending", mode: str = "Act", **spec: Any) -> Object:
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "IncidentPolicy",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "selector": {"matchLabels": {"team": "lending"}},
            "mode": mode,
            "triggers": [a_trigger()],
            **spec,
        },
    }


def a_cluster_policy(name: str = "everybody", mode: str = "Act", **spec: Any) -> Object:
    policy = a_policy(name, mode, **{"namespaceSelector": {}, **spec})
    policy["kind"] = "ClusterIncidentPolicy"
    del policy["metadata"]["namespace"]
    return policy
