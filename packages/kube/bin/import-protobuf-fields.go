// Prints the protobuf fields of the built-in kinds that the embedded server decodes, one JSON line a message,
// read by reflection from the struct tags of k8s.io/api:
//
//	["core.v1.Volume",[[1,"name","string"],[2,"volumeSource","core.v1.VolumeSource","inline"],...]]
//
// Run it in a module that requires k8s.io/api and k8s.io/apimachinery of the release:
//
//	go run import-protobuf-fields.go > ../src/server/http/protobuf/kubernetes-v1.32-fields.jsonl
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var roots = []any{
	corev1.Binding{}, corev1.ConfigMap{}, corev1.Endpoints{}, corev1.Event{}, corev1.Namespace{}, corev1.Node{},
	corev1.Pod{}, corev1.Secret{}, corev1.Service{}, corev1.ServiceAccount{},
	appsv1.ControllerRevision{}, appsv1.DaemonSet{}, appsv1.Deployment{}, appsv1.ReplicaSet{}, appsv1.StatefulSet{},
	authenticationv1.SelfSubjectReview{}, authenticationv1.TokenRequest{}, authenticationv1.TokenReview{},
	authorizationv1.LocalSubjectAccessReview{}, authorizationv1.SelfSubjectAccessReview{},
	authorizationv1.SelfSubjectRulesReview{}, authorizationv1.SubjectAccessReview{},
	autoscalingv1.Scale{}, coordinationv1.Lease{}, discoveryv1.EndpointSlice{}, eventsv1.Event{},
	networkingv1.NetworkPolicy{}, policyv1.Eviction{}, policyv1.PodDisruptionBudget{},
	rbacv1.ClusterRole{}, rbacv1.ClusterRoleBinding{}, rbacv1.Role{}, rbacv1.RoleBinding{},
	schedulingv1.PriorityClass{}, metav1.DeleteOptions{},
}

var special = map[string]string{
	"meta.v1.Time": "time", "meta.v1.MicroTime": "microtime", "meta.v1.Duration": "duration", "meta.v1.FieldsV1": "raw",
	"resource.Quantity": "quantity", "intstr.IntOrString": "intorstring", "runtime.RawExtension": "raw",
}

func main() {
	messages := map[string][][]any{}
	for _, root := range roots {
		visit(reflect.TypeOf(root), messages)
	}
	names := []string{}
	for name := range messages {
		names = append(names, name)
	}
	sort.Strings(names)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for _, name := range names {
		if err := encoder.Encode([]any{name, messages[name]}); err != nil {
			panic(err)
		}
	}
}

func visit(t reflect.Type, messages map[string][][]any) {
	name := nameOf(t)
	if _, done := messages[name]; done || special[name] != "" {
		return
	}
	messages[name] = nil
	fields := [][]any{}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("protobuf"), ",")
		if len(tag) < 4 {
			continue
		}
		number, err := strconv.Atoi(tag[1])
		if err != nil {
			panic(err)
		}
		jsonTag := field.Tag.Get("json")
		jsonName := strings.Split(jsonTag, ",")[0]
		flags := []any{}
		if jsonName != "" && !strings.Contains(jsonTag, ",omitempty") {
			flags = append(flags, "always")
		}
		if jsonName == "" {
			jsonName = strings.TrimPrefix(tag[3], "name=")
			flags = append(flags, "inline")
		}
		typeName, more := describe(field.Type, messages)
		fields = append(fields, append(append([]any{number, jsonName, typeName}, more...), flags...))
	}
	messages[name] = fields
}

func describe(t reflect.Type, messages map[string][][]any) (string, []any) {
	switch t.Kind() {
	case reflect.Pointer:
		name, more := describe(t.Elem(), messages)
		return name, append(more, "pointer")
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes", nil
		}
		if t.Name() != "" {
			return "strings", nil
		}
		name, more := describe(t.Elem(), messages)
		return name, append(more, "repeated")
	case reflect.Map:
		name, _ := describe(t.Elem(), messages)
		return name, []any{"map"}
	case reflect.Struct:
		name := nameOf(t)
		if kind, ok := special[name]; ok {
			return kind, nil
		}
		visit(t, messages)
		return name, nil
	case reflect.String:
		return "string", nil
	case reflect.Bool:
		return "bool", nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "int", nil
	}
	panic(fmt.Sprintf("unexpected type %v", t))
}

func nameOf(t reflect.Type) string {
	parts := strings.Split(t.PkgPath(), "/")
	last := parts[len(parts)-1]
	if last == "v1" {
		last = parts[len(parts)-2] + ".v1"
	}
	return last + "." + t.Name()
}
