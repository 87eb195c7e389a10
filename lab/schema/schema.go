// SPDX-License-Identifier: Apache-2.0

// Package schema holds the JSON schema of what ocf-lab and the demo print, and checks documents against it. Only tests
// import it: the programs that print do not carry a validator.
package schema

import (
	"bytes"
	_ "embed"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Text is the schema file (JSON Schema 2020-12).
//
//go:embed lab.schema.json
var Text []byte

const location = "https://ocf-oci.invalid/lab.schema.json"

// Validate checks a document against one definition of the schema: status, calls, owner, probe or report. The error
// names the places that are wrong.
func Validate(definition string, document []byte) error {
	file, err := jsonschema.UnmarshalJSON(bytes.NewReader(Text))
	if err != nil {
		return fmt.Errorf("read lab.schema.json: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(location, file); err != nil {
		return fmt.Errorf("read lab.schema.json: %w", err)
	}
	s, err := c.Compile(location + "#/$defs/" + definition)
	if err != nil {
		return fmt.Errorf("compile lab.schema.json, definition %s: %w", definition, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	if err := s.Validate(v); err != nil {
		return fmt.Errorf("document is no %s: %w", definition, err)
	}
	return nil
}
