// Prints what gnostic, which kube-apiserver writes OpenAPI v2 with and client-go reads it with, makes of a document:
// its protobuf form in base64. YAML inside it is written as JSON with sorted keys, which means the same.
//
// Run it in a module that requires github.com/google/gnostic-models v0.6.8; its output and its input are the two
// parts of src/server/openapi/testdata/gnostic-0.6.8.json:
//
//	go run encode-openapi-v2.go < document.json
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"gopkg.in/yaml.v3"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	check(err)
	document, err := openapi_v2.ParseDocument(text)
	check(err)
	rewrite(document.ProtoReflect())
	out, err := proto.MarshalOptions{Deterministic: true}.Marshal(document)
	check(err)
	fmt.Println(base64.StdEncoding.EncodeToString(out))
}

func rewrite(message protoreflect.Message) {
	if any, ok := message.Interface().(*openapi_v2.Any); ok {
		any.Yaml = compact(any.Yaml)
		return
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Kind() != protoreflect.MessageKind {
			return true
		}
		if !field.IsList() {
			rewrite(value.Message())
			return true
		}
		for i := 0; i < value.List().Len(); i++ {
			rewrite(value.List().Get(i).Message())
		}
		return true
	})
}

func compact(text string) string {
	var value any
	check(yaml.Unmarshal([]byte(text), &value))
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
	return string(bytes.TrimSpace(out.Bytes()))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
