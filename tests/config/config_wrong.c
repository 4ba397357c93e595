/* Wrong configs, and the error text of each: the place, and what is wrong. */
#include "config/config.h"
#include "support/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define TOP   "network:\n  input: 4\n  layers: [linear: 3]\n"
#define FLAT  "network:\n  input: [6]\n  layers:\n    - "
#define PLANE "network:\n  input: [2, 3]\n  layers:\n    - "

typedef struct wrong {
    const char *text;
    size_t size; /* 0: up to the closing zero */
    const char *place;
    const char *contains;
} wrong;

static const wrong texts[] = {
    /* clang-format off */
    {"", 0, "1:1", "the config is empty; it needs at least a network"},
    {"# only a comment\n", 0, "1:1", "the config is empty; it needs at least a network"},
    {"---\n", 0, "1:1", "the config is empty; it needs at least a network"},
    {"null\n", 0, "1:1", "the config is empty; it needs at least a network"},
    {"\xef\xbb\xbf", 0, "1:1", "the config is empty; it needs at least a network"},
    {"\xef\xbb\xbfnmae: 1\n", 0, "1:1", "unknown key 'nmae'; did you mean 'name'?"},
    {"name: \xc3\xa4 # \xe2\x82\xac\r\n\"\xf0\x9f\x98\x80\": {a: 1}\r\n\xc3\xa4: 2\r\n", 0, "2:1", "unknown"},
    {"{\n\t\"name\": \"\xc3\xa4\",\t\"seed\": x}\n", 0, "2:23", "seed must be a whole number"},
    {"- a\n- b\n", 0, "1:1", "the config must be a mapping that begins with keys such as network:, not a"},
    {"just text\n", 0, "1:1", "the config must be a mapping that begins with keys such as network:, not"},
    {"\000\001", 2, "1:1", "control character 0x00; expected YAML in UTF-8"},
    {"network:\n  input: \377\n", 0, "2:10", "byte 0xff is not UTF-8 text; expected YAML in UTF-8"},
    {"name: \001\n", 0, "1:7", "control character 0x01; expected YAML in UTF-8"},
    {"name: a\000b\n", 10, "1:8", "control character 0x00; expected YAML in UTF-8"},
    {"\377\376n\000", 4, "1:1", "byte 0xff is not UTF-8 text; expected YAML in UTF-8"},
    {"\037\213\010", 0, "1:1", "control character 0x1f; expected YAML in UTF-8"},
    {"name: \355\240\200\n", 0, "1:7", "byte 0xed is not UTF-8 text; expected YAML in UTF-8"},
    {"name: \300\200\n", 0, "1:7", "byte 0xc0 is not UTF-8 text; expected YAML in UTF-8"},
    {"name: \342\202", 0, "1:7", "byte 0xe2 is not UTF-8 text; expected YAML in UTF-8"},
    {"name: \"a\\0b\"\n", 0, "1:8", "the text holds a zero character"},
    {"name: \"a\\x01b\"\n", 0, "1:7", "name must be usable as the name of a folder: no '/', not '.' or"},
    {"a: 1\n---\nb: 2\n", 0, "2:1", "a second document begins (---); one is expected"},
    {TOP "...\n---\nname: b\n", 0, "5:1", "a second document begins (---); one is expected"},
    {"[[[[", 0, "2:1", "not valid YAML"},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 0, "1:33", "nested"},
    {"network:\n\tinput: 4\n", 0, "2:1", "not valid YAML"},
    {"network: {input: 4\n", 0, "2:1", "not valid YAML"},
    {"name: 'x\n", 0, "1:8", "not valid YAML"},
    {"name: a: b\n", 0, "1:8", "not valid YAML"},
    {"name: a\n  seed: 1\n", 0, "1:7", "not valid YAML"},
    {"name: @x\n", 0, "1:7", "not valid YAML"},
    {"a: &x 1\n", 0, "1:7", "anchors and aliases (&, *) are not part of configs; write the value out"},
    {"a: *x\n", 0, "1:5", "anchors and aliases (&, *) are not part of configs; write the value out"},
    {"seed: !!int 1\n", 0, "1:13", "tags (!) are not part of configs; write the value alone"},
    {"seed: 1\nname: a\nseed: 2\n", 0, "3:1", "key 'seed' is given twice, first in line 1; keep one"},
    {"network: {input: 4, input: 5}\n", 0, "1:21", "key 'input' is given twice, first in line 1; keep one"},
    {": 5\n", 0, "1:1", "a key must be a word"},
    {"[a]: 5\n", 0, "1:1", "a key must be a word"},
    {"? {a: 1}\n: 5\n", 0, "1:3", "a key must be a word"},
    {"name: a\n", 0, "1:1", "network is missing; write its input and its layers"},
    {"network:\n", 0, "1:1", "network must be a mapping with keys among: input, layers, loss, reduction"},
    {"network: 5\n", 0, "1:10", "network must be a mapping with keys among: input, layers, loss"},
    {"network: []\n", 0, "1:10", "network must be a mapping with keys among: input, layers, loss"},
    {"network: {}\n", 0, "1:10", "network.input is missing; write the shape of one sample, for example [1"},
    {TOP "nmae: a\n", 0, "4:1", "unknown key 'nmae'; did you mean 'name'? Allowed: name, precision, seed"},
    {TOP "inferense: {}\n", 0, "4:1", "unknown key 'inferense'; did you mean 'inference'? Allowed: name"},
    {TOP "something: 1\n", 0, "4:1", "unknown key 'something'; allowed: name, precision, seed, network"},
    {TOP "name: a/b\n", 0, "4:7", "name must be usable as the name of a folder: no '/', not '.' or '..'"},
    {TOP "name: ..\n", 0, "4:7", "name must be usable as the name of a folder: no '/', not '.' or '..', at"},
    {TOP "name: ''\n", 0, "4:7", "name must be usable as the name of a folder: no '/', not '.' or '..', at"},
    {TOP "name:\n", 0, "4:1", "name must be text, not empty"},
    {TOP "name: [a]\n", 0, "4:7", "name must be text, not a list"},
    {TOP "precision: float16\n", 0, "4:12", "unknown precision 'float16'; did you mean 'float32'? Allowed:"},
    {TOP "precision: 32\n", 0, "4:12", "unknown precision '32'; allowed: float32, float64"},
    {TOP "precision: [float32]\n", 0, "4:12", "precision must be one of float32, float64, not a list"},
    {TOP "seed: -1\n", 0, "4:7", "seed must be a whole number from 0 to 18446744073709551615, in digits"},
    {TOP "seed: 1.5\n", 0, "4:7", "seed must be a whole number from 0 to 18446744073709551615, in digits"},
    {TOP "seed: 18446744073709551616\n", 0, "4:7", "seed must be a whole number from 0 to"},
    {TOP "seed: '1'\n", 0, "4:7", "seed must be a whole number from 0 to 18446744073709551615, in digits"},
    {TOP "seed: 1e3\n", 0, "4:7", "seed must be a whole number from 0 to 18446744073709551615, in digits"},
    {TOP "seed: 0x10\n", 0, "4:7", "seed must be a whole number from 0 to 18446744073709551615, in digits"},
    {TOP "seed: 1_000\n", 0, "4:7", "seed must be a whole number from 0 to 18446744073709551615, in"},
    {TOP "seed:\n", 0, "4:1", "seed must be a whole number from 0 to 18446744073709551615, in digits, not"},
    {TOP "seed: {a: 1}\n", 0, "4:7", "seed must be a whole number from 0 to 18446744073709551615, in"},
    {"network:\n  input: 0\n  layers:\n    - [linear: 3]\n", 0, "2:10", "network.input must be a whole"},
    {"network:\n  input: -4\n  layers:\n    - [linear: 3]\n", 0, "2:10", "network.input must be a whole"},
    {"network:\n  input: []\n  layers:\n    - [linear: 3]\n", 0, "2:10", "network.input must be the shape"},
    {"network:\n  input: [1, 2, 3, 4, 5]\n  layers:\n    - [linear: 3]\n", 0, "2:10", "network.input must b"},
    {"network:\n  input: [4, 0]\n  layers:\n    - [linear: 3]\n", 0, "2:14", "network.input[1] must be a"},
    {"network:\n  input: [4, x]\n  layers:\n    - [linear: 3]\n", 0, "2:14", "network.input[1] must be a"},
    {"network:\n  input: {a: 1}\n  layers:\n    - [linear: 3]\n", 0, "2:10", "network.input must be the"},
    {"network:\n  input: 4.0\n  layers:\n    - [linear: 3]\n", 0, "2:10", "network.input must be a whole"},
    {"network:\n  input: [2147483648]\n  layers:\n    - [linear: 3]\n", 0, "2:11", "network.input[0] must"},
    {"network:\n  input: [2147483647, 2147483647]\n  layers:\n    - [linear: 3]\n", 0, "2:10", "one sample "},
    {"network:\n  input: '4'\n  layers:\n    - [linear: 3]\n", 0, "2:10", "network.input must be a whole"},
    {"network:\n  layers: [relu]\n", 0, "2:3", "network.input is missing; write the shape of one sample"},
    {"network:\n  input: 4\n", 0, "2:3", "network.layers is missing; write a list of layers, for example"},
    {"network:\n  input: 4\n  layers: []\n", 0, "3:11", "network.layers must be a list of layers, not an"},
    {"network:\n  input: 4\n  layers: relu\n", 0, "3:11", "network.layers must be a list of layers, not"},
    {"network:\n  input: 4\n  layers:\n", 0, "3:3", "network.layers must be a list of layers, not empty"},
    {"network:\n  input: 4\n  layers: {a: 1}\n", 0, "3:11", "network.layers must be a list of layers, not"},
    {"network: {input: 4, layers: [relu], losses: mean}\n", 0, "1:37", "unknown key 'losses' in network;"},
    {FLAT "[]\n", 0, "4:7", "network.layers[0] must be a function or a list of functions, not an empty"},
    {FLAT "[[relu]]\n", 0, "4:8", "network.layers[0][0] must be one function: its name, or its name with"},
    {FLAT "[relu, ]\n    -\n", 0, "4:14", "network.layers[1] must be one function: its name, or its name"},
    {FLAT "[rellu]\n", 0, "4:8", "unknown function 'rellu'; did you mean 'relu'?"},
    {FLAT "[softmax]\n", 0, "4:8", "unknown function 'softmax'"},
    {FLAT "[{linear: 3, relu: }]\n", 0, "4:8", "network.layers[0][0] must be one function: its name, or"},
    {FLAT "[linear]\n", 0, "4:8", "linear needs 'out'; write linear: {out: N, bias: true}; weights (out"},
    {FLAT "[linear: ]\n", 0, "4:8", "linear needs 'out'; write linear: {out: N, bias: true}; weights (out"},
    {FLAT "[linear: {}]\n", 0, "4:8", "linear needs 'out'; write linear: {out: N, bias: true}; weights"},
    {FLAT "[linear: {ou: 3}]\n", 0, "4:17", "unknown key 'ou' in network.layers[0][0].linear; did you mean"},
    {FLAT "[linear: {out: 0}]\n", 0, "4:22", "network.layers[0][0].linear.out must be a whole number from"},
    {FLAT "[linear: {out: -3}]\n", 0, "4:22", "network.layers[0][0].linear.out must be a whole number from"},
    {FLAT "[linear: {out: 3, bias: 1}]\n", 0, "4:31", "network.layers[0][0].linear.bias must be true or"},
    {FLAT "[linear: {out: 3, bias: yes}]\n", 0, "4:31", "network.layers[0][0].linear.bias must be true or"},
    {FLAT "[linear: {out: 3, bias: 'true'}]\n", 0, "4:31", "network.layers[0][0].linear.bias must be true"},
    {FLAT "[linear: 0]\n", 0, "4:16", "network.layers[0][0].linear must be a whole number from 1 to"},
    {FLAT "[linear: [3]]\n", 0, "4:16", "network.layers[0][0].linear must be a whole number from 1 to"},
    {FLAT "[linear: x]\n", 0, "4:16", "network.layers[0][0].linear must be a whole number from 1 to"},
    {FLAT "[linear: '3']\n", 0, "4:16", "network.layers[0][0].linear must be a whole number from 1 to"},
    {FLAT "[relu: 3]\n", 0, "4:14", "network.layers[0][0].relu must be left empty, not '3'"},
    {FLAT "[relu: {a: 1}]\n", 0, "4:15", "unknown key 'a' in network.layers[0][0].relu"},
    {FLAT "[relu: [1]]\n", 0, "4:14", "network.layers[0][0].relu must be left empty, not a list"},
    {FLAT "5\n", 0, "4:7", "unknown function '5'"},
    {FLAT "[5]\n", 0, "4:8", "unknown function '5'"},
    {FLAT "[linear: 2147483648]\n", 0, "4:16", "network.layers[0][0].linear must be a whole number from 1"},
    {"network: {input: [1048576, 1048576], layers: [[flatten]], loss: squared-error}\n"
     "learning: {batch: 16777216}\n",
     0, "2:19", "a batch of 16777216 samples has too many numbers"},
    {FLAT "[linear: 1000000000, linear: 1000000]\n", 0, "4:28", "one array of parameters would hold 1e+15"},
    {FLAT "[linear: {out: 3, out: 4}]\n", 0, "4:25", "key 'out' is given twice, first in line 4; keep one"},
    {FLAT "- linear: 3\n      relu:\n", 0, "5:7", "not valid YAML"},
    {PLANE "[linear: 3]\n", 0, "4:8", "linear needs flat input, but gets [2, 3]: put flatten before it"},
    {PLANE "[relu]\n", 0, "4:7", "the output has shape [2, 3], but cross-entropy needs one number per"},
    {PLANE "[flatten, linear: 3]\n    - [tanh, sigmoid]\n    - flatten\n    - [relu, liner: 3]\n",
     0, "7:14", "unknown function 'liner'; did you mean 'linear'?"},
    {TOP "  loss: mse\n", 0, "4:9", "unknown loss 'mse'"},
    {TOP "  loss: crossentropy\n", 0, "4:9", "unknown loss 'crossentropy'; did you mean 'cross-entropy'?"},
    {TOP "  loss: [a]\n", 0, "4:9", "network.loss must be one of cross-entropy, squared-error, not a list"},
    {TOP "  reduction: average\n", 0, "4:14", "unknown reduction 'average'"},
    {TOP "  reduction: \n", 0, "4:3", "network.reduction must be one of mean, sum, not empty"},
    {TOP "  grain: 1\n", 0, "4:10", "network.grain must be a number of at least 0 and below 1, not '1'"},
    {TOP "inference: {eta: 0}\n", 0, "4:18", "inference.eta must be a number above 0, not '0'"},
    {TOP "inference: {eta: -1}\n", 0, "4:18", "inference.eta must be a number above 0, not '-1'"},
    {TOP "inference: {eta: fast}\n", 0, "4:18", "inference.eta must be a number above 0, not 'fast'"},
    {TOP "inference: {eta: '0.1'}\n", 0, "4:18", "inference.eta must be a number above 0, not the quoted"},
    {TOP "inference: {eta: .inf}\n", 0, "4:18", "inference.eta must be a number above 0, not '.inf'"},
    {TOP "inference: {eta: nan}\n", 0, "4:18", "inference.eta must be a number above 0, not 'nan'"},
    {TOP "inference: {eta: inf}\n", 0, "4:18", "inference.eta must be a number above 0, not 'inf'"},
    {TOP "inference: {eta: 0x1p3}\n", 0, "4:18", "inference.eta must be a number above 0, not '0x1p3'"},
    {TOP "inference: {eta: 1e999}\n", 0, "4:18", "inference.eta must be a number above 0, not '1e999'"},
    {TOP "inference: {eta: 1e-999}\n", 0, "4:18", "inference.eta must be a number above 0, not '1e-999'"},
    {TOP "inference: {eta: 0,1}\n", 0, "4:20", "unknown key '1' in inference; allowed: algorithm, eta"},
    {TOP "inference: {eta: 1.0.0}\n", 0, "4:18", "inference.eta must be a number above 0, not '1.0.0'"},
    {TOP "inference: {eta: [1]}\n", 0, "4:18", "inference.eta must be a number above 0, not a list"},
    {TOP "inference: {eta: }\n", 0, "4:13", "inference.eta must be a number above 0, not empty"},
    {TOP "inference: {steps: 0}\n", 0, "4:20", "inference.steps must be a whole number from 1 to 1000000"},
    {TOP "inference: {steps: 1000001}\n", 0, "4:20", "inference.steps must be a whole number from 1 to"},
    {TOP "inference: {steps: 2.5}\n", 0, "4:20", "inference.steps must be a whole number from 1 to"},
    {TOP "inference: {algorithm: fixed}\n", 0, "4:24", "unknown algorithm 'fixed'"},
    {TOP "inference: {algorithm: fixed_prediction}\n", 0, "4:24", "unknown algorithm 'fixed_prediction';"},
    {TOP "inference: {algorithm: backprop}\n", 0, "4:24", "unknown algorithm 'backprop'"},
    {TOP "inference: {coordinates: beliefs}\n", 0, "4:26", "unknown coordinates 'beliefs'; did you mean"},
    {TOP "inference: {messages: never}\n", 0, "4:23", "unknown messages 'never'"},
    {TOP "inference: {algorithm: exact, microbatches: 0}\n", 0, "4:45",
     "inference.microbatches must be a whole number from 1 to"},
    {TOP "inference: {algorithm: exact, microbatches: two}\n", 0, "4:45", "inference.microbatches must be a"},
    {TOP "inference: {microbatches: 2}\n", 0, "4:27",
     "inference.microbatches is for algorithms that take a batch as a pipeline (exact), not for fixed-pred"},
    {TOP "inference: {algorithm: strict, microbatches: 2}\n", 0, "4:46",
     "pipeline (exact), not for strict: leave it"},
    {TOP "inference: {algorithm: augmented-lagrangian, precision_weights: 2}\n", 0, "4:65",
     "precision_weights means nothing to augmented-lagrangian"},
    {TOP "inference: {algorithm: incremental, microbatches: 2}\nlearning: {}\n", 0, "4:51", "not for incremental"},
    {TOP "inference: {algorithm: incremental, coordinates: error}\nlearning: {}\n", 0, "4:50",
     "incremental has belief coordinates alone"},
    {TOP "inference: {algorithm: exact, microbatches: 9}\nlearning: {batch: 8}\n", 0, "4:45",
     "inference.microbatches must be at most learning.batch, which is 8, not 9"},
    {TOP "inference: {etta: 1}\n", 0, "4:13", "unknown key 'etta' in inference; did you mean 'eta'?"},
    {TOP "inference: fast\n", 0, "4:12", "inference must be a mapping with keys among: algorithm, eta"},
    {TOP "inference: [1]\n", 0, "4:12", "inference must be a mapping with keys among: algorithm, eta"},
    {TOP "channels: {delya: 1}\n", 0, "4:12", "unknown key 'delya' in channels; did you mean 'delay'?"},
    {TOP "channels: {timeout: 0}\n", 0, "4:21", "channels.timeout must be a number above 0, not '0'"},
    {TOP "channels: {timeout: soon}\n", 0, "4:21", "channels.timeout must be a number above 0, not 'soon'"},
    {TOP "learning: {optimizer: {}}\n", 0, "4:23", "learning.optimizer must be one optimizer with its"},
    {TOP "learning: {optimizer: {adam: {}, sgd: {}}}\n", 0, "4:23", "learning.optimizer must be one"},
    {TOP "learning: {optimizer: adan}\n", 0, "4:23", "unknown optimizer 'adan'; did you mean 'adam'?"},
    {TOP "learning: {optimizer: {adam: {rat: 1}}}\n", 0, "4:31", "unknown key 'rat' in"},
    {TOP "learning: {optimizer: {adam: {beta1: 1}}}\n", 0, "4:38", "learning.optimizer.adam.beta1 must be"},
    {TOP "learning: {optimizer: {adam: {beta1: -0.1}}}\n", 0, "4:38", "learning.optimizer.adam.beta1 must"},
    {TOP "learning: {optimizer: {adam: {epsilon: 0}}}\n", 0, "4:40", "adam.epsilon must be a number above 0"},
    {TOP "learning: {optimizer: {adam: {epsilon: 1e-50}}}\n", 0, "4:40", "must be a number that is not 0 in float32"},
    {TOP "learning: {optimizer: {sgd: {rate: 1e39}}}\n", 0, "4:36", "must be a number that is finite in float32"},
    {TOP "learning: {optimizer: {adam: 0.1}}\n", 0, "4:30", "learning.optimizer.adam must be a mapping"},
    {TOP "learning: {optimizer: {sgd: {rate: x}}}\n", 0, "4:36", "learning.optimizer.sgd.rate must be a"},
    {TOP "learning: {optimizer: [adam]}\n", 0, "4:23", "learning.optimizer must be one optimizer with its"},
    {TOP "learning: {optimizer: }\n", 0, "4:12", "learning.optimizer must be one optimizer with its"},
    {TOP "learning: {batch: 0}\n", 0, "4:19", "learning.batch must be a whole number from 1 to 2147483647"},
    {TOP "learning: {batch: all}\n", 0, "4:19", "learning.batch must be a whole number from 1 to"},
    {TOP "learning: {epochs: 0}\n", 0, "4:20", "learning.epochs must be a whole number from 1 to"},
    {TOP "learning: {epochs: 1.5}\n", 0, "4:20", "learning.epochs must be a whole number from 1 to"},
    {TOP "learning: {drop_last: no}\n", 0, "4:23", "learning.drop_last must be true or false, not 'no'"},
    {TOP "learning: {momentum: 1}\n", 0, "4:12", "unknown key 'momentum' in learning; allowed: optimizer"},
    {TOP "learning: 5\n", 0, "4:11", "learning must be a mapping with keys among: optimizer, batch"},
    {TOP "data: {format: xls}\n", 0, "4:16", "unknown format 'xls'"},
    {TOP "data: {scale: 0}\n", 0, "4:15", "data.scale must be a number above 0, not '0'"},
    {TOP "data: {scale: -1}\n", 0, "4:15", "data.scale must be a number above 0, not '-1'"},
    {TOP "data: {scale: big}\n", 0, "4:15", "data.scale must be a number above 0, not 'big'"},
    {TOP "data: {train: {inputs: a}}\n", 0, "4:15", "data.train.labels is missing; write {inputs: FILE"},
    {TOP "data: {train: {labels: a}}\n", 0, "4:15", "data.train.inputs is missing; write {inputs: FILE"},
    {TOP "data: {train: {inputs: a, labels: ''}}\n", 0, "4:35", "data.train.labels must be the path of a"},
    {TOP "data: {train: {inputs: a, labels: []}}\n", 0, "4:35", "data.train.labels must be the path of a file"},
    {TOP "data: {train: {inputs: a, labels: {}}}\n", 0, "4:35", "file, or a list of paths, not an empty mapping"},
    {TOP "data: {train: {inputs: a, labels: }}\n", 0, "4:27", "file, or a list of paths, not empty"},
    {TOP "data: {train: {inputs: [a, [b]], labels: c}}\n", 0, "4:28", "data.train.inputs[1] must be text, not a list"},
    {TOP "data: {train: {inputs: [a, ''], labels: c}}\n", 0, "4:28", "data.train.inputs[1] must be the path of a file"},
    {TOP "data: {train: {inputs: [a, ~], labels: c}}\n", 0, "4:28", "data.train.inputs[1] must be text, not empty"},
    {TOP "data: {train: {inputs: a, label: b}}\n", 0, "4:27", "unknown key 'label' in data.train; did you"},
    {TOP "data: {train: a}\n", 0, "4:15", "data.train must be a mapping with keys among: inputs, labels"},
    {TOP "data: {validate: {}}\n", 0, "4:8", "unknown key 'validate' in data; allowed: format, scale"},
    {TOP "data: {test: {inputs: a}}\n", 0, "4:14", "data.test.labels is missing; write {inputs: FILE"},
    /* clang-format on */
};

typedef struct wrong_override {
    const char *overrides[2];
    const char *contains;
} wrong_override;

/* On top of TOP. */
static const wrong_override overrides[] = {
    /* clang-format off */
    {{"foo"}, "--set foo: no '='; write key=value, for example inference.eta=0.1"},
    {{"=3"}, "--set =3: the key is missing; write key=value, for example inference.eta=0.1"},
    {{""}, "--set : no '='; write key=value, for example inference.eta=0.1"},
    {{"a..b=1"}, "--set a..b=1: a word of the key is missing; write key=value, for example"},
    {{".a=1"}, "--set .a=1: a word of the key is missing; write key=value, for example inference.eta=0.1"},
    {{"a.=1"}, "--set a.=1: a word of the key is missing; write key=value, for example inference.eta=0.1"},
    {{"inference.eta=[1"}, "--set inference.eta=[1: not valid YAML"},
    {{"inference.eta=fast"}, "--set inference.eta=fast: inference.eta must be a number above 0, not 'fast'"},
    {{"seed.x=1"}, "--set seed.x=1: seed must be a whole number from 0 to 18446744073709551615, in digits"},
    {{"network.layers.0=relu"}, "--set network.layers.0=relu: network.layers is a list, nothing in it can"},
    {{"inference.etta=1"}, "--set inference.etta=1: unknown key 'etta' in inference; did you mean 'eta'?"},
    {{"infernce.eta=1"}, "--set infernce.eta=1: unknown key 'infernce'; did you mean 'inference'?"},
    {{"inference.eta="}, "--set inference.eta=: inference.eta must be a number above 0, not empty"},
    {{"inference=3"}, "--set inference=3: inference must be a mapping with keys among: algorithm, eta"},
    {{"network.layers=[flatten, relu, softmax]"}, "--set network.layers=[flatten, relu, softmax]: unknown"},
    {{"inference.algorithm=strict", "inference.coordinates=both"}, "--set inference.coordinates=both:"},
    {{"seed=1\n---\n2"}, "--set seed=1?---?2: a second document begins (---); one is expected"},
    {{"seed=*x"}, "--set seed=*x: anchors and aliases (&, *) are not part of configs; write the value out"},
    {{"inference.eta={a: 1, a: 2}"}, "--set inference.eta={a: 1, a: 2}: key 'a' is given twice; keep one"},
    {{"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1"}, "--set a.a.a.a."},
    {{"\001=1"}, "--set ?=1: unknown key '?'"},
    {{"seed=\002"}, "--set seed=?: control character 0x02; expected YAML in UTF-8"},
    {{"network="}, "--set network=: network must be a mapping with keys among: input, layers, loss"},
    {{"inference.eta: 0.1"}, "--set inference.eta: 0.1: no '='; write key=value, for example"},
    {{"inference.eta=1 # c", "seed=x"}, "--set seed=x: seed must be a whole number from 0 to"},
    {{"network.layers=[linear: 3, linear: 0]"}, "--set network.layers=[linear: 3, linear: 0]:"},
    /* clang-format on */
};

enum { N_TEXTS = sizeof texts / sizeof texts[0], N_OVERRIDES = sizeof overrides / sizeof overrides[0] };

/* The text of the failure begins with `start` and contains `fragment`. */
static void assert_fails(const char *text, size_t size, const char *const *set, size_t n, const char *start,
                         const char *fragment) {
    vic_config *config = NULL;
    ck_assert_int_eq(vic_config_parse(&config, "d/x.yaml", text, size, set, n), VIC_BAD_CONFIG);
    ck_assert_ptr_null(config);
    const char *message = vic_error_text();
    ck_assert_msg(strncmp(message, start, strlen(start)) == 0, "\"%s\" does not begin with \"%s\"", message,
                  start);
    ck_assert_msg(strstr(message, fragment) != NULL, "\"%s\" is not in \"%s\"", fragment, message);
    ck_assert_msg(strchr(message, '\n') == NULL, "\"%s\" is more than one line", message);
}

START_TEST(names_place_and_mistake) {
    const wrong *w = &texts[_i];
    char start[64];
    snprintf(start, sizeof start, "d/x.yaml:%s: ", w->place);
    assert_fails(w->text, w->size > 0 ? w->size : strlen(w->text), NULL, 0, start, w->contains);
}
END_TEST

START_TEST(names_the_override) {
    const wrong_override *w = &overrides[_i];
    size_t n = w->overrides[1] != NULL ? 2 : 1;
    assert_fails(TOP, strlen(TOP), w->overrides, n, w->contains, w->contains);
}
END_TEST

START_TEST(shortens_long_texts) {
    char text[6000], word[5000];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    snprintf(text, sizeof text, TOP "%s: 1\n", word);
    assert_fails(text, strlen(text), NULL, 0, "d/x.yaml:4:1: unknown key 'xxx", "...'; allowed: name, ");
    snprintf(text, sizeof text, "%s=1", word);
    const char *set[] = {text};
    assert_fails(TOP, strlen(TOP), set, 1, "--set xxx", "...: unknown key 'xxx");
}
END_TEST

START_TEST(refuses_what_is_too_much) {
    static char text[17 << 20];
    memset(text, '#', sizeof text);
    assert_fails(text, sizeof text, NULL, 0, "d/x.yaml:1:1: ", "bytes are too many: at most ");
    memset(text, '[', sizeof text);
    assert_fails(text, 100000, NULL, 0, "d/x.yaml:1:33: ", "nested more than 32 deep");
    size_t used = (size_t)sprintf(text, "network:\n  input: 4\n  layers:\n");
    for (int i = 0; i < 100001; i++)
        used += (size_t)sprintf(text + used, "    - relu\n");
    assert_fails(text, used, NULL, 0, "d/x.yaml:4:5: ", "100001 layers; at most 100000");
    used = 0;
    for (int i = 0; i < 257; i++)
        used += (size_t)sprintf(text + used, "k%d: 1\n", i);
    assert_fails(text, used, NULL, 0, "d/x.yaml:257:1: ", "more than 256 keys");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("config_wrong");
    TCase *cases = tcase_create("config_wrong");
    tcase_set_timeout(cases, 20);
    tcase_add_loop_test(cases, names_place_and_mistake, 0, N_TEXTS);
    tcase_add_loop_test(cases, names_the_override, 0, N_OVERRIDES);
    tcase_add_test(cases, shortens_long_texts);
    tcase_add_test(cases, refuses_what_is_too_much);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
