// SPDX-License-Identifier: Apache-2.0

package plainfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file to be written.
type File struct {
	Path    string
	Content []byte
	Mode    fs.FileMode
}

// Write writes files whole: each gets its name only when all of them lie complete on the disk beside it. After an error
// what was there before is there still, unless the error says that a name could not be given.
// A file in the place of a name is replaced, unless fresh: then it is an error (fs.ErrExist).
func Write(fresh bool, files ...File) (err error) {
	var staged []string
	defer func() {
		for _, temporary := range staged {
			_ = os.Remove(temporary) // of those that got their name it is gone
		}
	}()
	for _, f := range files {
		temporary, err := stage(f)
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		staged = append(staged, temporary)
	}
	for i, f := range files {
		give := os.Rename
		if fresh {
			give = os.Link // which does not replace
		}
		if err := give(staged[i], f.Path); err != nil {
			return fmt.Errorf("give %s its name: %w", f.Path, err)
		}
	}
	return nil
}

// stage writes a file beside its place.
func stage(f File) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(f.Path), "."+filepath.Base(f.Path)+".*")
	if err != nil {
		return "", err
	}
	_, err = file.Write(f.Content)
	err = errors.Join(err, file.Chmod(f.Mode), file.Sync(), file.Close())
	if err != nil {
		_ = os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}
