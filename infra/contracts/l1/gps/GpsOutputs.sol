// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FactRegistry} from "./FactRegistry.sol";
import {burnAll, wordAt} from "./OldWords.sol";

/// The second half of a statement: from the pages of the output and the shape of each task's tree to the tasks' facts.
///
/// A task's metadata are the size of its output (with two words for size and program), the program's hash, and a list of
/// (pages, nodes): so many pages more onto a stack, then so many of its topmost nodes under a new one.
abstract contract GpsOutputs is FactRegistry {
    event LogMemoryPagesHashes(bytes32 programOutputFact, bytes32[] pagesHashes);

    /// Of a task, before its tree.
    uint256 internal constant TASK_HEAD = 3;
    /// Words of a page's description: address, size, hash. The first page's address is not told; its place holds the count.
    uint256 internal constant PAGE_WORDS = 3;
    /// The output of the first task comes after two words of configuration, the number of tasks, its size and its program.
    uint256 private constant FIRST_OUTPUT = 5;

    struct Node {
        uint256 hash;
        /// The word of the task's output at which it ends.
        uint256 end;
    }

    struct Walk {
        uint256 page;
        uint256 cell;
        uint256 offset;
        uint256 height;
    }

    function _registerTasks(uint256[] calldata metadata, uint256[] calldata pages, uint256 outputStart) internal {
        uint256 count = pages[0];
        Node[] memory stack = new Node[](count);
        Walk memory walk = Walk({page: 1, cell: outputStart + FIRST_OUTPUT, offset: 0, height: 0});
        uint256 task = 1;
        for (uint256 left = metadata[0]; left > 0; left--) {
            uint256 first = walk.page;
            (walk.offset, walk.height) = (0, 0);
            uint256 steps = wordAt(metadata, task + 2);
            for (uint256 step = 0; step < steps; step++) {
                uint256 pair = task + TASK_HEAD + 2 * step;
                _push(pages, walk, stack, wordAt(metadata, pair));
                _join(walk, stack, wordAt(metadata, pair + 1));
            }
            require(walk.height == 1, "Node stack must contain exactly one item.");
            require(
                stack[0].end + 2 == wordAt(metadata, task), "The sum of the page sizes does not match output size."
            );
            _registerTask(pages, metadata[task + 1], stack[0].hash, first, walk.page);
            task += TASK_HEAD + 2 * steps;
            // The next task's size and program.
            walk.cell += 2;
        }
        require(count == walk.page, "Not all memory pages were processed.");
    }

    function _push(uint256[] calldata pages, Walk memory walk, Node[] memory stack, uint256 count) private pure {
        require(count < 2 ** 20, "Invalid value of n_pages in tree structure.");
        for (; count > 0; count--) {
            uint256 page = PAGE_WORDS * walk.page;
            uint256 size = _orNothing(pages, page + 1);
            require(size < 2 ** 30, "Invalid page size.");
            require(_orNothing(pages, page) == walk.cell, "Invalid page address.");
            if (walk.height >= stack.length) burnAll();
            walk.offset += size;
            walk.cell += size;
            stack[walk.height] = Node({hash: _orNothing(pages, page + 2), end: walk.offset});
            walk.height++;
            walk.page++;
        }
    }

    function _join(Walk memory walk, Node[] memory stack, uint256 count) private pure {
        if (count == 0) return;
        require(count <= walk.height, "Invalid value of n_nodes in tree structure.");
        uint256 first = walk.height - count;
        uint256[] memory words = new uint256[](2 * count);
        for (uint256 i = 0; i < count; i++) {
            (words[2 * i], words[2 * i + 1]) = (stack[first + i].hash, stack[first + i].end);
        }
        // One more than the hash: an inner node is never taken for a page.
        unchecked {
            stack[first].hash = uint256(keccak256(abi.encodePacked(words))) + 1;
        }
        stack[first].end = words[2 * count - 1];
        walk.height = first + 1;
    }

    function _registerTask(uint256[] calldata pages, uint256 program, uint256 root, uint256 from, uint256 to) private {
        bytes32[] memory hashes = new bytes32[](to - from);
        for (uint256 i = 0; i < hashes.length; i++) {
            hashes[i] = bytes32(_orNothing(pages, PAGE_WORDS * (from + i) + 2));
        }
        emit LogMemoryPagesHashes(bytes32(root), hashes);
        _register(keccak256(abi.encode(program, root)));
    }

    /// The original reads on in memory.
    function _orNothing(uint256[] calldata words, uint256 index) private pure returns (uint256) {
        return index < words.length ? words[index] : 0;
    }
}
